"""Label Studio's two kinds of token behind one Authorization header."""

import base64
import binascii
import json
import threading
import time
from collections.abc import Generator
from urllib.parse import urlsplit

import httpx

from pushoff.errors import StudioRefused, StudioUnreachable

REFRESH_AFTER_S = 240.0
"""An access token lives 300 s; a request started at 240 s still ends in time."""


class Credentials(httpx.Auth):
    """Adds the header to requests of one origin; exchanges and refreshes access tokens.

    A personal access token is a refresh token: it is exchanged for an access token, again after
    240 s, and once more whenever Label Studio answers 401. Thread-safe.
    `access` is an access token at hand; it is trusted until Label Studio says 401.
    """

    def __init__(self, url: str, token: str, access: str = "") -> None:
        self._url = url.rstrip("/")
        self._origin = _origin(self._url)
        self._token = token.strip()
        self._personal = token_type(self._token) == "refresh"
        self._plain_jwt = token_type(self._token) == "access"
        self._access = access
        self._fresh_until = time.monotonic() + REFRESH_AFTER_S if access else 0.0
        self._lock = threading.Lock()

    @property
    def kind(self) -> str:
        """`personal` or `legacy`, as found out from the token itself."""
        return "personal" if self._personal or self._plain_jwt else "legacy"

    def header(self) -> str:
        """The Authorization header. Raises StudioUnreachable or StudioRefused on exchange."""
        if not self._personal:
            return f"{'Bearer' if self._plain_jwt else 'Token'} {self._token}"
        with self._lock:
            if time.monotonic() >= self._fresh_until:
                self._exchange()
            return f"Bearer {self._access}"

    def renewed(self, used: str) -> str:
        """Another header than `used`, which got a 401, where there can be one. Raises likewise."""
        if self._personal:
            self._expire(used)
        return self.header()

    def sync_auth_flow(
        self, request: httpx.Request
    ) -> Generator[httpx.Request, httpx.Response, None]:
        """Authorize `request`; after a 401 once more with a new access token."""
        if _origin(str(request.url)) != self._origin:
            request.headers.pop("Authorization", None)
            yield request
            return
        used = request.headers["Authorization"] = self.header()
        response = yield request
        if response.status_code == 401 and self._personal:
            request.headers["Authorization"] = self.renewed(used)
            yield request

    @staticmethod
    def refused(url: str) -> str:
        """The sentence for a token Label Studio does not accept."""
        return (
            f"Label Studio at {url} does not accept the token (401). Create a personal access "
            f"token at {url}/user/account/personal-access-token and set "
            "PUSHOFF_LABEL_STUDIO_TOKEN to it. (Legacy tokens work only where the organization "
            "has switched them on.)"
        )

    def _expire(self, used: str) -> None:
        """Forget the access token that got the 401, unless another thread has renewed it."""
        with self._lock:
            if used == f"Bearer {self._access}":
                self._fresh_until = 0.0

    def _exchange(self) -> None:
        try:
            answer = httpx.post(
                f"{self._url}/api/token/refresh/", json={"refresh": self._token}, timeout=10
            )
        except httpx.HTTPError as error:
            raise StudioUnreachable(
                f"Cannot reach Label Studio at {self._url} ({type(error).__name__}). "
                "Is it running, and is PUSHOFF_LABEL_STUDIO_URL right?"
            ) from None
        if answer.status_code in (400, 401, 403):
            raise StudioRefused(self.refused(self._url), answer.status_code)
        try:
            self._access = answer.json()["access"]
        except (ValueError, KeyError, TypeError):
            raise StudioUnreachable(
                f"Label Studio at {self._url} did not exchange the token "
                f"(status {answer.status_code})."
            ) from None
        self._fresh_until = time.monotonic() + REFRESH_AFTER_S


def token_type(token: str) -> str | None:
    """`refresh` or `access` of a JWT, None for anything else. Verifies nothing."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        return str(claims["token_type"])
    except (binascii.Error, ValueError, KeyError, TypeError):
        return None


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    default = {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, parts.hostname, parts.port or default
