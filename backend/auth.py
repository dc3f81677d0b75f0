"""Who may call: Label Studio by Basic auth; its webhooks also by their secret header.

These are router dependencies, not a look at the path: a route without one does not exist.
"""

import base64
import binascii
import hmac
import time
from collections import deque
from collections.abc import Callable

from fastapi import Request

from backend.errors import ApiError

SECRET_HEADER = "X-Webhook-Secret"  # noqa: S105 - the header's name
MAX_FAILURES = 10
WINDOW_S = 60.0
"""Wrong credentials one address may try within the window, in seconds, before it has to wait."""
MAX_ADDRESSES = 10_000
"""Addresses remembered; the longest quiet one is forgotten first."""


class RateLimiter:
    """Counts wrong credentials per client address. The right ones are never held up."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._wrong: dict[str, deque[float]] = {}

    def wait_s(self, address: str) -> int:
        """Seconds until another try is looked at, 0 when one is fine; counts nothing."""
        times, now = self._wrong.get(address, ()), self._clock()
        recent = [one for one in times if now - one < WINDOW_S]
        return int(WINDOW_S - (now - recent[0])) + 1 if len(recent) >= MAX_FAILURES else 0

    def record_failure(self, address: str) -> int:
        """Note wrong credentials; returns the seconds to wait, 0 when another try is fine."""
        now = self._clock()
        times = self._wrong.pop(address, None) or deque(maxlen=MAX_FAILURES)
        self._wrong[address] = times
        if len(self._wrong) > MAX_ADDRESSES:
            del self._wrong[next(iter(self._wrong))]
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
        self._basic = f"{user}:{password}".encode()
        self._secret = webhook_secret.encode()
        self._rate_limiter = rate_limiter or RateLimiter()

    async def basic(self, request: Request) -> None:
        """Dependency of every route. Raises ApiError 401 or 429."""
        if not self._basic_right(request):
            raise self._refuse(request, "authorization" in request.headers)

    async def basic_or_secret(self, request: Request) -> None:
        """Dependency of the webhook: Label Studio sends a header there, and no Basic auth."""
        given = request.headers.get(SECRET_HEADER, "")
        right = hmac.compare_digest(given.encode("latin-1", "replace"), self._secret)
        if not (right | self._basic_right(request)):
            raise self._refuse(request, bool(given) or "authorization" in request.headers)

    def _basic_right(self, request: Request) -> bool:
        kind, _, encoded = request.headers.get("authorization", "").partition(" ")
        try:
            given = base64.b64decode(encoded.strip(), validate=True)
        except (binascii.Error, ValueError):
            given = b""
        return hmac.compare_digest(given, self._basic) and kind.lower() == "basic"

    def _refuse(self, request: Request, tried: bool) -> ApiError:
        """Asking without credentials is no try at guessing them, and is not counted."""
        wait_s = (
            self._rate_limiter.record_failure(request.client.host if request.client else "")
            if tried
            else 0
        )
        if wait_s:
            message = f"Too many wrong credentials: wait {wait_s} s."
            return ApiError(429, "too_many_logins", message, {"Retry-After": str(wait_s)})
        return ApiError(
            401,
            "unauthorized",
            "Send the credentials in PUSHOFF_BACKEND_USER and PUSHOFF_BACKEND_PASSWORD.",
            {"WWW-Authenticate": 'Basic realm="pushoff"'},
        )
