"""Errors become answers in one table: routes raise, nobody formats.

Every error body is {"error": {"code", "message", "request_id"}}: a code for machines, a sentence
for people, never a trace, a path or a secret.
"""

import logging
from collections.abc import Callable, Mapping
from contextvars import ContextVar

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from pushoff import errors

log = logging.getLogger(__name__)

REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="-")
"""The id of the request this code runs for; it stands in the answer, the log and error bodies."""

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
        "The job queue (Redis) does not answer or cannot write; nothing was recorded. Try again.",
    ),
    errors.Upstream: (503, "upstream", "A service this one needs does not answer. Try again."),
    errors.Superseded: (409, "superseded", None),
    errors.PushoffError: (500, "internal", None),
}
"""What each error answers: status, code, and a sentence where the error's own may name a place."""

_HTTP = {
    404: ("not_found", "There is nothing at this address."),
    405: ("method_not_allowed", "This address does not take that method."),
    409: ("conflict", "This does not follow what is here already."),
    423: ("locked", "Somebody else is sending this file right now."),
    507: ("disk_full", "The disk here is full: tell whoever runs this service, then go on."),
}
_UNEXPECTED = "Something went wrong here. The log says more under this request id."


class ApiError(Exception):
    """An answer other than success, raised by a route or a dependency."""

    def __init__(
        self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message
        self.headers = dict(headers or {})


AsPage = Callable[[Request, int, str, str], Response | None]
"""(request, status, message, request id) -> a page, or None where no person is looking."""


def install(app: FastAPI, as_page: AsPage = lambda *_: None) -> None:
    """Put the table to work."""

    def answer(
        request: Request, status: int, code: str, message: str, headers: Mapping[str, str]
    ) -> Response:
        shown = as_page(request, status, message, REQUEST_ID.get())
        if shown is None:
            return JSONResponse(body(code, message), status, headers)
        shown.headers.update(headers)
        return shown

    async def api_error(request: Request, error: ApiError) -> Response:
        return answer(request, error.status, error.code, error.message, error.headers)

    async def pushoff_error(request: Request, error: errors.PushoffError) -> Response:
        status, code, sentence = next(_TABLE[one] for one in type(error).__mro__ if one in _TABLE)
        headers = {"Retry-After": str(RETRY_AFTER_S)} if status == 503 else {}
        if status >= 500:
            log.error("%s: %s", type(error).__name__, error)
        return answer(request, status, code, sentence or str(error), headers)

    async def http_error(request: Request, error: HTTPException) -> Response:
        code, message = _HTTP.get(error.status_code, ("refused", "The request was refused."))
        return answer(request, error.status_code, code, message, error.headers or {})

    app.add_exception_handler(ApiError, api_error)
    app.add_exception_handler(errors.PushoffError, pushoff_error)
    app.add_exception_handler(HTTPException, http_error)


def body(code: str, message: str) -> dict[str, dict[str, str]]:
    """The error body."""
    return {"error": {"code": code, "message": message, "request_id": REQUEST_ID.get()}}


def unexpected() -> JSONResponse:
    """The answer to what nobody thought of."""
    return JSONResponse(body("internal", _UNEXPECTED), 500)
