"""JSON request bodies in the OpenAPI description: routes read them by themselves, with a limit."""

from typing import Any

from pydantic import TypeAdapter


def _body(schema: dict[str, Any]) -> dict[str, Any]:
    content = {"application/json": {"schema": schema}}
    return {"requestBody": {"required": True, "content": content}}


JSON_OBJECT = _body({"type": "object"})
"""`openapi_extra` of a route whose body is a JSON object, described in its docstring."""


def request_schema(body: TypeAdapter[Any]) -> dict[str, Any]:
    """`openapi_extra` of a route whose body is validated with `body`."""
    schema = body.json_schema()
    defined = schema.pop("$defs", {})
    return _body(_inline(schema, defined))


def _inline(schema: Any, defined: dict[str, Any]) -> Any:
    """Without `$ref`: the names would have to be unique in the whole description."""
    if isinstance(schema, list):
        return [_inline(item, defined) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _inline(defined[schema["$ref"].rpartition("/")[2]], defined)
    return {key: _inline(value, defined) for key, value in schema.items()}
