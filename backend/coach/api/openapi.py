"""The OpenAPI description of every route that accepts an API token."""

from collections.abc import Iterator, Sequence
from importlib.metadata import version
from typing import Any

from fastapi import APIRouter, Response
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute

from backend.coach.api.models import Error
from backend.coach.auth.bearer import scope_of, token_scope
from backend.coach.auth.session_auth import HOME
from pushoff.coach.api_tokens import Scope

PATH = f"{HOME}/api/openapi.json"
_REFUSALS = {
    "401": "No API token, or one that is unknown, revoked or expired.",
    "403": "The token has not the scope, or the account may not do this.",
    "404": "There is no such session, or it belongs to another coach.",
    "422": "A value cannot be used.",
    "503": "A required service does not answer. Try again after `Retry-After` seconds.",
}


def routes(private: APIRouter) -> APIRouter:
    """The description itself, of the routes of `private`, which holds them when it is asked for."""
    router = APIRouter(include_in_schema=False)

    @router.get(PATH)
    @token_scope(Scope.READ)
    def openapi() -> Response:
        """For code generators and people: OpenAPI 3.1."""
        return JSONResponse(describe(private))

    return router


def describe(private: APIRouter) -> dict[str, Any]:
    """The OpenAPI document of the routes that are marked with `token_scope`."""
    open_to_tokens = [route for route in all_routes(private) if scope_of(route.endpoint)]
    document = get_openapi(
        title="pushoff",
        version=version("pushoff"),
        description="Sessions, push-offs and reports for scripts. Create a token on your account's "
        "page and send it as `Authorization: Bearer ...`.",
        routes=open_to_tokens,
    )
    components = document.setdefault("components", {})
    components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    components["schemas"]["Error"] = {
        **Error.model_json_schema(ref_template="#/components/schemas/{model}"),
    }
    components["schemas"] |= components["schemas"]["Error"].pop("$defs")
    for name in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(name, None)  # our errors have one form
    for route in open_to_tokens:
        scope = scope_of(route.endpoint)
        for method in route.methods or ():
            operation = document["paths"][route.path][method.lower()]
            operation["security"] = [{"token": [scope.value] if scope else []}]
            operation["responses"] |= _refusals()
    return document


def all_routes(router: APIRouter) -> Iterator[APIRoute]:
    """The routes of a router, and of those it includes."""
    yield from _routes(router.routes)


def _routes(routes: Sequence[Any]) -> Iterator[APIRoute]:
    for route in routes:
        included = getattr(route, "original_router", None)
        if included is not None:
            yield from _routes(included.routes)
        elif isinstance(route, APIRoute) and route.include_in_schema:
            yield route


def _refusals() -> dict[str, Any]:
    schema = {"schema": {"$ref": "#/components/schemas/Error"}}
    return {
        status: {"description": text, "content": {"application/json": schema}}
        for status, text in _REFUSALS.items()
    }
