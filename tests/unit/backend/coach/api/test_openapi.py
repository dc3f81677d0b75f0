"""backend/coach/api/openapi.py: the description of what a token may call."""

import re
from pathlib import Path

import pytest

from backend.coach.api.openapi import PATH
from backend.coach.auth.bearer import scope_of
from pushoff.coach.api_tokens import Scope, create_token
from tests.unit.backend.test_app import routes

ROOT = Path(__file__).resolve().parents[5]


@pytest.fixture
def document(app, database, people):
    """What a script gets."""
    from starlette.testclient import TestClient

    _, token = create_token(database, people["carla"], "test", {Scope.READ}, 30)
    answer = TestClient(app).get(PATH, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200
    return answer.json()


def operations(document):
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def test_every_route_that_takes_a_token_is_described(app, document):
    """And no other, but for the description itself."""
    marked = {
        f"{method} {route.path}"
        for route in routes(app)
        if scope_of(route.endpoint)
        for method in route.methods
    }
    assert {name for name, _ in operations(document)} == marked - {f"GET {PATH}"}


def test_every_operation_says_what_it_returns(document):
    """A model or a kind of file, the scope it needs, and the form of its errors."""
    for name, operation in operations(document):
        ((kind, content),) = operation["responses"]["200"]["content"].items()
        if kind == "application/json" and "download" not in name:
            assert content["schema"]["$ref"].startswith("#/components/schemas/"), name
        assert operation["security"][0]["token"][0] in {scope.value for scope in Scope}, name
        assert operation["responses"]["422"]["content"]["application/json"]["schema"] == {
            "$ref": "#/components/schemas/Error"
        }, name
        assert operation["description"].strip(), name


def test_every_reference_leads_somewhere(document):
    """Code generators can read it."""
    named = set(re.findall(r'"#/components/schemas/(\w+)"', str(document).replace("'", '"')))
    assert named and named <= set(document["components"]["schemas"])


def test_a_body_is_described_where_one_is_sent(document):
    """Of a correction with its fields."""
    for name, operation in operations(document):
        assert name.startswith("POST") == ("requestBody" in operation), name
    path = "/coach/sessions/{session_id}/corrections"
    body = document["paths"][path]["post"]["requestBody"]["content"]["application/json"]
    assert set(body["schema"]["properties"]) >= {"kind", "frame", "to_frame", "foot"}


def test_the_guide_names_every_operation(document):
    """docs/api.md has a row for each."""
    page = (ROOT / "docs/api.md").read_text("utf-8")
    for name, _ in operations(document):
        assert f"`{name}`" in page, name
