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
    240 s, and whenever Label Studio answers 401. Thread-safe.
    `access` is an access token that is known already; it is used until Label Studio answers 401.
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
        """`personal` or `legacy`, detected from the token itself."""
        return "personal" if self._personal or self._plain_jwt else "legacy"

    def header(self) -> str:
        """The Authorization header. Raises StudioUnreachable, StudioRefused when it is renewed."""
        if not self._personal:
            return f"{'Bearer' if self._plain_jwt else 'Token'} {self._token}"
        with self._lock:
            if time.monotonic() >= self._fresh_until:
                self._exchange()
            return f"Bearer {self._access}"

    def renewed(self, rejected: str) -> str:
        """The header to use after `rejected` got a 401; the same for tokens that cannot be renewed.

        Raises what `header` raises.
        """
        if self._personal:
            self._expire(rejected)
        return self.header()

    def sync_auth_flow(
        self, request: httpx.Request
    ) -> Generator[httpx.Request, httpx.Response, None]:
        """Authorize `request`; after a 401 once more with a new access token."""
        if _origin(str(request.url)) != self._origin:
            request.headers.pop("Authorization", None)
            yield request
            return
        header = request.headers["Authorization"] = self.header()
        response = yield request
        if response.status_code == 401 and self._personal:
            request.headers["Authorization"] = self.renewed(header)
            yield request

    @staticmethod
    def refused(url: str) -> str:
        """The error message for a token that Label Studio does not accept."""
        return (
            f"Label Studio at {url} does not accept the token (401). Create a personal access "
            f"token at {url}/user/account/personal-access-token and set "
            "PUSHOFF_LABEL_STUDIO_TOKEN to it. (Legacy tokens work only where the organization "
            "allows them.)"
        )

    def _expire(self, rejected: str) -> None:
        """Discard the access token that got the 401, unless another thread has renewed it."""
        with self._lock:
            if rejected == f"Bearer {self._access}":
                self._fresh_until = 0.0

    def _exchange(self) -> None:
        try:
            response = httpx.post(
                f"{self._url}/api/token/refresh/", json={"refresh": self._token}, timeout=10
            )
        except httpx.HTTPError as error:
            raise StudioUnreachable(
                f"Cannot reach Label Studio at {self._url} ({type(error).__name__}).",
                remedy="Check that it is running and that PUSHOFF_LABEL_STUDIO_URL is right.",
            ) from None
        if response.status_code in (400, 401, 403):
            raise StudioRefused(self.refused(self._url), response.status_code)
        try:
            self._access = response.json()["access"]
        except (ValueError, KeyError, TypeError):
            raise StudioUnreachable(
                f"Label Studio at {self._url} did not issue an access token "
                f"(status {response.status_code})."
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
