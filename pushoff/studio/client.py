"""The connection to Label Studio: label_studio_sdk and plain requests over one HTTP client.

The SDK's typed calls are used wherever they exist, through `sdk_call`. Plain `get`, `post`,
`patch`, `delete` and `stream` are for what the SDK does not have (model versions, Data Manager
columns, the summary of labels, `next`), and for three cases where it costs too much: the first
request of a process (importing the SDK takes 1 s and 165 MB), pages of thousands of tasks (each
task is parsed into a model of 60 fields), and streams whose errors must be translated.
"""

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
    "(this keeps the cloud metadata address blocked), or give the backend a public address in "
    "PUSHOFF_BACKEND_URL."
)


def preload() -> None:
    """Import the SDK before it is needed, for a process that forks."""
    from label_studio_sdk import LabelStudio  # noqa: F401
    from label_studio_sdk.core.api_error import ApiError  # noqa: F401


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
    """Label Studio's API with one set of credentials. Thread-safe.

    The session cookie in Label Studio's answers is dropped: it would outlive the token.
    """

    def __init__(self, url: str, credentials: Credentials) -> None:
        self.url = url.rstrip("/")
        self.credentials = credentials
        no_cookies = CookieJar(DefaultCookiePolicy(allowed_domains=()))
        self._client = _RetryingClient(auth=credentials, timeout=TIMEOUT, cookies=no_cookies)

    @property
    def token_kind(self) -> str:
        """`personal` or `legacy`, detected from the token itself."""
        return self.credentials.kind

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def authorization(self) -> str:
        """A fresh Authorization header for requests to exactly this Label Studio. Never log it."""
        return self.credentials.header()

    @cached_property
    def sdk(self) -> "LabelStudio":
        """label_studio_sdk over this connection, with its credentials, time limits and retries."""
        from label_studio_sdk import LabelStudio

        return LabelStudio(base_url=self.url, api_key="-", httpx_client=self._client, max_retries=0)

    def sdk_call(self, call: Callable[["LabelStudio"], T]) -> T:
        """Run one SDK call. Its errors become StudioRefused or StudioUnreachable."""
        from label_studio_sdk.core.api_error import ApiError

        try:
            return call(self.sdk)
        except ApiError as error:
            raise _api_error(self.url, "the request", error.status_code or 0, error.body) from None
        except httpx.HTTPError as error:
            raise self._unreachable(error) from None

    def sdk_delete(self, call: Callable[["LabelStudio"], None]) -> None:
        """Run one SDK call that deletes something; what is gone already counts as deleted."""
        with _ignoring_not_found():
            self.sdk_call(call)

    def get(self, path: str, **params: Any) -> Any:
        """GET JSON."""
        return self._json("GET", path, params=params or None)

    def post(self, path: str, body: Any = None, **params: Any) -> Any:
        """POST JSON."""
        return self._json("POST", path, params=params or None, json=body)

    def patch(self, path: str, body: Any) -> Any:
        """PATCH JSON."""
        return self._json("PATCH", path, json=body)

    def delete(self, path: str, body: Any = None) -> None:
        """DELETE; what is gone already counts as deleted."""
        with _ignoring_not_found():
            self._json("DELETE", path, json=body)

    @contextmanager
    def stream(self, path: str, **params: Any) -> Iterator[httpx.Response]:
        """GET a body too large for memory. Raises like `get`, also when it breaks off."""
        try:
            with self._client.stream("GET", self.url + path, params=params or None) as response:
                if not response.is_success:
                    response.read()
                    raise _api_error(self.url, f"GET {path}", response.status_code, _body(response))
                yield response
        except httpx.HTTPError as error:
            raise self._unreachable(error) from None

    def _json(self, method: str, path: str, **request: Any) -> Any:
        try:
            response = self._client.request(method, self.url + path, **request)
        except httpx.HTTPError as error:
            raise self._unreachable(error) from None
        if not response.is_success:
            raise _api_error(self.url, f"{method} {path}", response.status_code, _body(response))
        if not response.content:
            return None
        try:
            return response.json()
        except ValueError:
            raise StudioUnreachable(
                f"{self.url} does not answer with Label Studio's JSON "
                f"(content type {response.headers.get('content-type', 'none')!r}).",
                remedy="Set PUSHOFF_LABEL_STUDIO_URL to the address of Label Studio itself.",
            ) from None

    def _unreachable(self, error: httpx.HTTPError) -> StudioUnreachable:
        return StudioUnreachable(
            f"Cannot reach Label Studio at {self.url} ({type(error).__name__}).",
            remedy="Check that it is running and that PUSHOFF_LABEL_STUDIO_URL is right.",
        )


class _RetryingClient(httpx.Client):
    """Repeats requests while Label Studio is busy or restarting.

    A POST is repeated only where the first try cannot have done anything.
    """

    def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        """Send the request up to TRIES times. Raises what the last try raises."""
        repeatable = request.method != "POST"
        pause_s = FIRST_PAUSE_S
        for tries_left in reversed(range(TRIES)):
            try:
                response = super().send(request, **options)
                status = response.status_code
                if not tries_left or not (status in BUSY or (repeatable and status == 500)):
                    return response
                response.close()
            except httpx.HTTPError as error:
                if not tries_left or not (repeatable or isinstance(error, httpx.ConnectError)):
                    raise
            time.sleep(pause_s * random.uniform(0.5, 1.5))  # noqa: S311 - jitter, not a secret
            pause_s *= 2
        raise AssertionError("the last try returns or raises")


@contextmanager
def _ignoring_not_found() -> Iterator[None]:
    try:
        yield
    except StudioRefused as refused:
        if refused.status != 404:
            raise


def _body(response: httpx.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return response.headers.get("content-type", "")


def _api_error(url: str, what: str, status: int, body: Any) -> StudioRefused | StudioUnreachable:
    detail = _detail(body)
    if "reserved network address" in detail:
        return StudioRefused(f"{url}: {detail}.", status, remedy=PRIVATE_ADDRESS_REMEDY)
    if status == 401:
        return StudioRefused(Credentials.refused(url), status)
    if status == 404 and isinstance(body, str) and "html" in body:
        return StudioUnreachable(
            f"{url} has no Label Studio API ({what} gives a web page, 404).",
            remedy="Set PUSHOFF_LABEL_STUDIO_URL to the address of Label Studio itself.",
        )
    if status >= 500:
        return StudioUnreachable(f"Label Studio at {url} fails on {what} ({status}): {detail}")
    return StudioRefused(f"Label Studio at {url} refuses {what} ({status}): {detail}", status)


def _detail(body: Any) -> str:
    """The text of an error body, at most 500 characters; never headers."""
    if isinstance(body, dict):
        texts = [body.get("detail"), *_flatten(body.get("validation_errors"))]
        body = "; ".join(str(text) for text in texts if text) or ", ".join(map(str, body))
    return str(body)[:500]


def _flatten(errors: Any) -> list[str]:
    if isinstance(errors, dict):
        return [f"{name}: {text}" for name, value in errors.items() for text in _flatten(value)]
    if isinstance(errors, list):
        return [text for value in errors for text in _flatten(value)]
    return [str(errors)] if errors else []
