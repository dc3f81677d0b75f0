"""One table from errors to HTTP responses: routes raise, this module writes the response.

Every error body is {"error": {"code", "message", "request_id"}}: a code for programs and a sentence
for people, without stack traces, paths or secrets.
"""

import logging
from collections.abc import Callable, Mapping
from contextvars import ContextVar

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from pushoff import errors

log = logging.getLogger(__name__)

REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="-")
"""The id of the current request; it is in the response, the log and error bodies."""

RETRY_AFTER_S = 5
_TABLE: dict[type[errors.PushoffError], tuple[int, str, str | None]] = {
    errors.LabelConfigWrong: (422, "label_config", None),
    errors.NoSuchSession: (404, "no_such_session", None),
    errors.BadInput: (422, "bad_input", None),
    errors.NoSuchModel: (404, "no_such_model", "There is no such model."),
    errors.NotEnough: (409, "not_enough", None),
    errors.MediaError: (422, "media", "The image could not be used."),
    errors.QueueUnavailable: (
        503,
        "queue_unavailable",
        "The job queue (Redis) is not available; nothing was recorded. Try again.",
    ),
    errors.Upstream: (
        503,
        "upstream",
        "A required service is not available. Try again.",
    ),
    errors.Superseded: (409, "superseded", None),
    errors.PushoffError: (500, "internal", None),
}
"""Status, code, and a message where the error's own may name a path or a host. Without such a
message, the error's own message and code are used."""

_HTTP = {
    404: ("not_found", "Page not found."),
    405: ("method_not_allowed", "This address does not support that method."),
    409: ("conflict", "The request conflicts with the current state. Reload and try again."),
    423: ("locked", "This file is being uploaded in another request."),
    507: (
        "disk_full",
        "The server's disk is full: contact the operator, then continue the upload.",
    ),
}
_UNEXPECTED = "Internal error. For details, see the log entry with this request ID."


class ApiError(Exception):
    """An HTTP error response, raised by a route or a dependency."""

    def __init__(
        self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message
        self.headers = dict(headers or {})


ErrorPage = Callable[[Request, int, str, str], Response | None]
"""(request, status, message, request id) -> an HTML page, or None where the client is a program."""


def install(app: FastAPI, error_page: ErrorPage = lambda *_: None) -> None:
    """Register the exception handlers."""

    def respond(
        request: Request, status: int, code: str, message: str, headers: Mapping[str, str]
    ) -> Response:
        page = error_page(request, status, message, REQUEST_ID.get())
        if page is None:
            return JSONResponse(body(code, message), status, headers)
        page.headers.update(headers)
        return page

    @app.exception_handler(ApiError)
    async def api_error(request: Request, error: ApiError) -> Response:
        return respond(request, error.status, error.code, error.message, error.headers)

    @app.exception_handler(errors.PushoffError)
    async def pushoff_error(request: Request, error: errors.PushoffError) -> Response:
        status, code, message = next(_TABLE[base] for base in type(error).__mro__ if base in _TABLE)
        headers = {"Retry-After": str(RETRY_AFTER_S)} if status == 503 else {}
        if status >= 500:
            log.error("%s: %s", type(error).__name__, error)
        if message is None:
            code, message = error.code or code, error.explanation
        return respond(request, status, code, message, headers)

    @app.exception_handler(RequestValidationError)
    async def invalid_parameter(request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        message = f"{first['loc'][-1]}: {first['msg']}."
        return respond(request, 422, "bad_input", message, {})

    @app.exception_handler(HTTPException)
    async def http_error(request: Request, error: HTTPException) -> Response:
        code, message = _HTTP.get(error.status_code, ("refused", "The request was refused."))
        return respond(request, error.status_code, code, message, error.headers or {})


def body(code: str, message: str) -> dict[str, dict[str, str]]:
    """The JSON body of an error."""
    return {"error": {"code": code, "message": message, "request_id": REQUEST_ID.get()}}


def unexpected() -> JSONResponse:
    """The response to an exception without a handler."""
    return JSONResponse(body("internal", _UNEXPECTED), 500)
