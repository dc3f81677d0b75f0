"""For every request: an id, security headers, one log line and one latency measurement."""

import logging
import time
import uuid

from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.errors import REQUEST_ID, body, unexpected
from backend.metrics import Metrics

log = logging.getLogger(__name__)

CLIENT_CLOSED_REQUEST = 499
"""As nginx logs it."""
MAX_HEADER_BYTES = 16 * 2**10
_TOO_LARGE = f"The headers are over {MAX_HEADER_BYTES // 2**10} KiB."
_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)
_QUIET = {"/livez", "/health", "/setup", "/", "/metrics"}
"""Requested every few seconds: logged at INFO for errors only."""


class RequestLogging:
    """ASGI middleware. Logs the route, never the query string, headers or body."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = uuid.uuid4().hex[:16]
        token = REQUEST_ID.set(request_id)
        started, status = time.monotonic(), 0
        header_bytes = sum(len(name) + len(value) for name, value in scope["headers"])

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                present = {name.lower() for name, _ in message["headers"]}
                added = [(b"x-request-id", request_id.encode())]
                added += [header for header in _HEADERS if header[0] not in present]
                message = {**message, "headers": [*message["headers"], *added]}
            await send(message)

        try:
            if header_bytes > MAX_HEADER_BYTES:
                refusal = JSONResponse(body("headers_too_large", _TOO_LARGE), 431)
                await refusal(scope, receive, send_with_headers)
            else:
                await self._app(scope, receive, send_with_headers)
        except ClientDisconnect:
            status = status or CLIENT_CLOSED_REQUEST
        except Exception:
            log.exception("request %s failed", request_id)
            if not status:
                await unexpected()(scope, receive, send_with_headers)
        finally:
            seconds = time.monotonic() - started
            route = getattr(scope.get("route"), "path", "-")
            self._metrics.request_s.labels(route, str(status)).observe(seconds)
            quiet = route in _QUIET and status < 400
            log.log(
                logging.DEBUG if quiet else logging.INFO,
                "%s %s %d in %.0f ms, request %s",
                scope["method"],
                route,
                status,
                1000 * seconds,
                request_id,
            )
            REQUEST_ID.reset(token)
