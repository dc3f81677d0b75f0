"""Authentication of Label Studio: HTTP Basic, and a secret header for its webhooks.

Both are router dependencies, so that no route can be added without one.
"""

import base64
import binascii
import hmac
import time
from collections import deque
from collections.abc import Callable

from fastapi import Request

from backend.errors import ApiError

SECRET_HEADER = "X-Webhook-Secret"  # noqa: S105 - the name of the header
MAX_FAILURES = 10
"""Wrong credentials that one address may send within WINDOW_S."""
WINDOW_S = 60.0
MAX_ADDRESSES = 10_000
"""Addresses remembered; the one without failures for longest is dropped first."""


class RateLimiter:
    """Counts wrong credentials per client address. Right credentials are never delayed."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: dict[str, deque[float]] = {}

    def wait_s(self, address: str) -> int:
        """Seconds until the address may try again; 0 if it may now."""
        now = self._clock()
        recent = [time_s for time_s in self._failures.get(address, ()) if now - time_s < WINDOW_S]
        return int(WINDOW_S - (now - recent[0])) + 1 if len(recent) >= MAX_FAILURES else 0

    def record_failure(self, address: str) -> int:
        """Count wrong credentials; returns the seconds to wait, 0 if the address may try again."""
        now = self._clock()
        times = self._failures.pop(address, None) or deque(maxlen=MAX_FAILURES)
        self._failures[address] = times
        if len(self._failures) > MAX_ADDRESSES:
            del self._failures[next(iter(self._failures))]
        while times and now - times[0] >= WINDOW_S:
            times.popleft()
        if len(times) < MAX_FAILURES:
            times.append(now)
            return 0
        return int(WINDOW_S - (now - times[0])) + 1


class BasicAuth:
    """Checks credentials in constant time."""

    def __init__(
        self, user: str, password: str, webhook_secret: str, rate_limiter: RateLimiter | None = None
    ) -> None:
        self._credentials = f"{user}:{password}".encode()
        self._secret = webhook_secret.encode()
        self._rate_limiter = rate_limiter or RateLimiter()

    async def basic(self, request: Request) -> None:
        """Dependency of every route. Raises ApiError 401 or 429."""
        if not self._has_credentials(request):
            raise self._refuse(request, "authorization" in request.headers)

    async def basic_or_secret(self, request: Request) -> None:
        """Dependency of the webhook: Label Studio sends the header there, and no Basic auth."""
        secret = request.headers.get(SECRET_HEADER, "")
        has_secret = hmac.compare_digest(secret.encode("latin-1", "replace"), self._secret)
        if not (has_secret | self._has_credentials(request)):
            raise self._refuse(request, bool(secret) or "authorization" in request.headers)

    def _has_credentials(self, request: Request) -> bool:
        scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
        try:
            credentials = base64.b64decode(encoded.strip(), validate=True)
        except (binascii.Error, ValueError):
            credentials = b""
        return hmac.compare_digest(credentials, self._credentials) and scheme.lower() == "basic"

    def _refuse(self, request: Request, attempted: bool) -> ApiError:
        """A request without credentials is not counted: it does not guess them."""
        address = request.client.host if request.client else ""
        wait_s = self._rate_limiter.record_failure(address) if attempted else 0
        if wait_s:
            message = f"Too many failed sign-ins. Try again in {wait_s} s."
            return ApiError(429, "too_many_logins", message, {"Retry-After": str(wait_s)})
        return ApiError(
            401,
            "unauthorized",
            "Send the credentials in PUSHOFF_BACKEND_USER and PUSHOFF_BACKEND_PASSWORD.",
            {"WWW-Authenticate": 'Basic realm="pushoff"'},
        )
