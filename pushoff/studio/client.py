"""The connection to Label Studio: finds out which kind of token it has, and keeps it fresh."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING, Any, TypeVar

import httpx

from pushoff.errors import StudioRefused, StudioUnreachable
from pushoff.studio.credentials import Credentials

if TYPE_CHECKING:
    from label_studio_sdk import LabelStudio

T = TypeVar("T")

TIMEOUT = httpx.Timeout(60.0, connect=5.0)
"""Seconds. Label Studio on SQLite answers bulk requests slowly; connecting is quick or broken."""
TRIES = 4
FIRST_PAUSE_S = 0.5
"""Doubled after each try, with jitter: four tries take about 4 s."""
BUSY = {429, 502, 503, 504}

PRIVATE_ADDRESS_REMEDY = (
    "Label Studio 1.23.1 and newer refuse private addresses by default. Start Label Studio with\n"
    "  USE_DEFAULT_BANNED_SUBNETS=false\n"
    "  USER_ADDITIONAL_BANNED_SUBNETS=169.254.0.0/16\n"
    "(this keeps the cloud metadata address blocked), or give our backend a public address in "
    "PUSHOFF_BACKEND_URL."
)


def connect(url: str, token: str) -> "LabelStudioClient":
    """Open the connection and prove it with one request.

    `token` is a personal access token or a legacy token.
    Raises StudioUnreachable (wrong address, not running) or StudioRefused (token not accepted).
    """
    studio = LabelStudioClient(url, Credentials(url, token))
    try:
        studio.get("/api/current-user/whoami")
    except Exception:
        studio.close()
        raise
    return studio


class LabelStudioClient:
    """Label Studio's JSON API and SDK with one set of credentials. Thread-safe.

    The session cookie it offers with every answer is not kept: it would outlive the token.
    """

    def __init__(self, url: str, credentials: Credentials) -> None:
        self.url = url.rstrip("/")
        self.credentials = credentials
        no_cookies = CookieJar(DefaultCookiePolicy(allowed_domains=()))
        self._client = httpx.Client(auth=credentials, timeout=TIMEOUT, cookies=no_cookies)

    @property
    def token_kind(self) -> str:
        """`personal` or `legacy`, as found out from the token itself."""
        return self.credentials.kind

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def bearer(self) -> str:
        """A fresh Authorization header for requests to exactly this Label Studio. Never log it."""
        return self.credentials.header()

    @cached_property
    def sdk(self) -> "LabelStudio":
        """label_studio_sdk over our connection: our credentials, timeouts and refresh."""
        from label_studio_sdk import LabelStudio

        return LabelStudio(base_url=self.url, api_key="-", httpx_client=self._client)

    def ask(self, call: Callable[["LabelStudio"], T]) -> T:
        """Run one SDK call. Its errors become StudioRefused or StudioUnreachable.

        Give the call `request_options={"max_retries": 0}` where doing it twice would do it twice.
        """
        from label_studio_sdk.core.api_error import ApiError

        try:
            return call(self.sdk)
        except ApiError as error:
            raise _refusal(self.url, "the request", error.status_code or 0, error.body) from None
        except httpx.HTTPError as error:
            raise self._unreachable(error) from None

    def get(self, path: str, **params: Any) -> Any:
        """GET JSON; tried again while Label Studio is busy or restarting."""
        return self._json("GET", path, params=params or None)

    def post(self, path: str, body: Any = None, **params: Any) -> Any:
        """POST JSON; tried again only where the first try cannot have done anything."""
        return self._json("POST", path, params=params or None, json=body)

    def patch(self, path: str, body: Any) -> Any:
        """PATCH JSON; tried again like GET."""
        return self._json("PATCH", path, json=body)

    def delete(self, path: str, body: Any = None) -> None:
        """DELETE; what is gone already counts as done."""
        try:
            self._json("DELETE", path, json=body)
        except StudioRefused as refused:
            if refused.status != 404:
                raise

    @contextmanager
    def stream(self, path: str, **params: Any) -> Iterator[httpx.Response]:
        """GET a body too large for memory. Raises like `get`, also when it breaks off."""
        try:
            with self._client.stream("GET", self.url + path, params=params or None) as response:
                if not response.is_success:
                    response.read()
                    raise _refusal(self.url, f"GET {path}", response.status_code, _body(response))
                yield response
        except httpx.HTTPError as error:
            raise self._unreachable(error) from None

    def _json(self, method: str, path: str, **request: Any) -> Any:
        response = self._send(method, path, **request)
        if not response.is_success:
            raise _refusal(self.url, f"{method} {path}", response.status_code, _body(response))
        if not response.content:
            return None
        try:
            return response.json()
        except ValueError:
            raise StudioUnreachable(
                f"{self.url} answers with something else than Label Studio's JSON "
                f"(content type {response.headers.get('content-type', 'none')!r}). "
                "Is PUSHOFF_LABEL_STUDIO_URL the address of Label Studio itself?"
            ) from None

    def _send(self, method: str, path: str, **request: Any) -> httpx.Response:
        safe = method != "POST"
        pause_s = FIRST_PAUSE_S
        for left in reversed(range(TRIES)):
            try:
                response = self._client.request(method, self.url + path, **request)
                again = response.status_code in BUSY or (safe and response.status_code == 500)
                if not (left and again):
                    return response
            except httpx.HTTPError as error:
                if not (left and (safe or isinstance(error, httpx.ConnectError))):
                    raise self._unreachable(error) from None
            time.sleep(pause_s * random.uniform(0.5, 1.5))  # noqa: S311 - jitter, not a secret
            pause_s *= 2
        raise AssertionError("the last try returns or raises")

    def _unreachable(self, error: httpx.HTTPError) -> StudioUnreachable:
        return StudioUnreachable(
            f"Cannot reach Label Studio at {self.url} ({type(error).__name__}). "
            "Is it running, and is PUSHOFF_LABEL_STUDIO_URL right?"
        )


def _body(response: httpx.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return response.headers.get("content-type", "")


def _refusal(url: str, what: str, status: int, body: Any) -> StudioRefused | StudioUnreachable:
    detail = _detail(body)
    if "reserved network address" in detail:
        return StudioRefused(f"{url}: {detail}. {PRIVATE_ADDRESS_REMEDY}", status)
    if status == 401:
        return StudioRefused(Credentials.refused(url), status)
    if status == 404 and isinstance(body, str) and "html" in body:
        return StudioUnreachable(
            f"{url} has no Label Studio API ({what} gives a web page, 404). "
            "Is PUSHOFF_LABEL_STUDIO_URL the address of Label Studio itself?"
        )
    if status >= 500:
        return StudioUnreachable(f"Label Studio at {url} fails on {what} ({status}): {detail}")
    return StudioRefused(f"Label Studio at {url} refuses {what} ({status}): {detail}", status)


def _detail(body: Any) -> str:
    """The words in an error body: never headers, never more than a line or two."""
    if isinstance(body, dict):
        words = [body.get("detail"), *_flat(body.get("validation_errors"))]
        body = "; ".join(str(word) for word in words if word) or ", ".join(map(str, body))
    return str(body)[:500]


def _flat(errors: Any) -> list[str]:
    if isinstance(errors, dict):
        return [f"{name}: {word}" for name, value in errors.items() for word in _flat(value)]
    if isinstance(errors, list):
        return [word for value in errors for word in _flat(value)]
    return [str(errors)] if errors else []
