"""backend/coach/api/schema.py: bodies in the OpenAPI description."""

from dataclasses import dataclass

from pydantic import TypeAdapter

from backend.coach.api.schema import JSON_OBJECT, request_schema
from pushoff.events.values import Foot


@dataclass(frozen=True)
class Body:
    """Something with a type of its own inside."""

    frame: int
    foot: Foot | None = None


def test_a_body_has_no_references():
    """Types inside are written out, because names of several bodies could clash."""
    described = request_schema(TypeAdapter(Body))
    assert "$" not in str(described)
    schema = described["requestBody"]["content"]["application/json"]["schema"]
    assert schema["properties"]["foot"]["anyOf"][0]["enum"] == ["left", "right"]
    assert schema["required"] == ["frame"]


def test_an_object_is_any_object():
    """Of a route whose docstring names the form."""
    content = JSON_OBJECT["requestBody"]["content"]
    assert content == {"application/json": {"schema": {"type": "object"}}}
