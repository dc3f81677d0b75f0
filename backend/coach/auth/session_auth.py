"""Logins of the coach's pages: a session cookie or an API token, roles, and CSRF protection."""

import asyncio
import hashlib
import hmac
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Annotated, TypeVar
from urllib.parse import parse_qsl, quote, urlsplit

from fastapi import Depends, Request, Response

from backend.auth import RateLimiter
from backend.coach.auth.bearer import BearerAuth, bearer_token
from backend.errors import ApiError
from backend.request_body import read_body
from pushoff.coach.accounts import (
    LOGIN_LIFETIME,
    Account,
    Role,
    account_for_token,
    authenticate,
    check_password,
    sign_out,
)
from pushoff.coach.database import Database
from pushoff.coach.sessions import CoachSession, may_change

Result = TypeVar("Result")

HOME = "/coach"
COOKIE = "pushoff_coach"
MAX_FORM_BYTES = 64 * 2**10
MAX_FORM_FIELDS = 100
MAX_SIGN_INS = 16
"""Sign-ins being checked or waiting; further ones get 503."""
CSRF_HEADER = "x-csrf-token"
_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


class SessionAuth:
    """Dependencies of the coach's routes. Every route but the sign-in page requires a login."""

    def __init__(
        self, database: Callable[[], Database], password_threads: Executor, public_url: str
    ) -> None:
        """`public_url`: the URL people type; empty to trust the request's Host header."""
        self._database, self._password_threads = database, password_threads
        self._public_url = urlsplit(public_url)
        self._rate_limiter = RateLimiter()
        self._bearer = BearerAuth(database)
        self._sign_ins = 0

    async def require_login(self, request: Request) -> None:
        """Set `request.state.account` and, with a cookie, `.csrf`.

        Raises ApiError: 303 to the sign-in page or 401 without a login, 403 for a change that does
        not come from our own page, 400 for a request with both a cookie and an API token; and what
        `BearerAuth.account` raises.
        """
        token, sent = request.cookies.get(COOKIE, ""), bearer_token(request)
        if sent is not None:
            if token:
                raise ApiError(400, "two_logins", "Send the cookie or the API token, not both.")
            request.state.account = await self._bearer.account(request, sent)
            return
        account = (
            await asyncio.to_thread(account_for_token, self._database(), token) if token else None
        )
        if account is None:
            raise _login_required(request)
        request.state.account, request.state.csrf = account, csrf_of(token)
        if request.method not in _SAFE_METHODS:
            self.require_same_origin(request)
            sent = request.headers.get(CSRF_HEADER) or (await form(request)).get("csrf", "")
            if not hmac.compare_digest(sent.encode(), request.state.csrf.encode()):
                raise ApiError(403, "csrf", "This page has expired: reload it and try again.")

    def require_same_origin(self, request: Request) -> None:
        """Refuse a request sent by the page of another site. Raises ApiError 403."""
        site = request.headers.get("sec-fetch-site", "same-origin")
        origin = request.headers.get("origin")
        host = self._public_url.netloc or request.headers.get("host", "")
        if site not in ("same-origin", "none") or (origin and urlsplit(origin).netloc != host):
            raise ApiError(403, "other_site", "This request came from another site.")

    async def sign_in(self, request: Request, name: str, password: str) -> str | None:
        """The token for the cookie; None if the name or the password is wrong.

        Raises ApiError 429 after too many wrong passwords, and 503 if too many people sign in.
        """
        login = await self._limited(request, name, password, authenticate)
        return None if login is None else login[1]

    async def is_password(self, request: Request, account: Account, password: str) -> bool:
        """Whether it is the account's password. Raises ApiError as `sign_in` does."""
        return await self._limited(request, account.name, password, check_password) is not None

    async def _limited(
        self,
        request: Request,
        name: str,
        password: str,
        check: Callable[[Database, str, str], Result | None],
    ) -> Result | None:
        """What `check` says of name and password, in the threads for passwords."""
        # by address and name: wrong guesses from elsewhere do not lock the owner out
        address = request.client.host if request.client else ""
        key = f"{address} {name.strip().casefold()}"
        _refuse_for(self._rate_limiter.wait_s(key))
        if self._sign_ins >= MAX_SIGN_INS:
            message = "Too many people are signing in: try again in a moment."
            raise ApiError(503, "busy", message, {"Retry-After": "2"})
        self._sign_ins += 1
        try:
            checked = await asyncio.get_running_loop().run_in_executor(
                self._password_threads, check, self._database(), name, password
            )
        finally:
            self._sign_ins -= 1
        if checked is None:
            _refuse_for(self._rate_limiter.record_failure(key))
        return checked

    async def sign_out(self, request: Request) -> None:
        """End the login of this request."""
        await asyncio.to_thread(sign_out, self._database(), request.cookies.get(COOKIE, ""))

    def set_cookie(self, response: Response, token: str | None) -> None:
        """Set the session cookie; None deletes it."""
        secure = self._public_url.scheme == "https"
        max_age_s = 0 if token is None else int(LOGIN_LIFETIME.total_seconds())
        response.set_cookie(
            COOKIE, token or "", max_age_s, path=HOME, httponly=True, samesite="lax", secure=secure
        )


def _current_user(request: Request) -> Account:
    account: Account = request.state.account
    return account


CurrentUser = Annotated[Account, Depends(_current_user)]
"""The account of the login, as a parameter of a route."""


def require_admin(request: Request) -> None:
    """Dependency of routes for admins. Raises ApiError 403."""
    if request.state.account.role is not Role.ADMIN:
        raise ApiError(403, "not_allowed", "Only an admin may do this.")


def require_owner(user: Account, session: CoachSession) -> None:
    """Raise ApiError 403 unless the user is the session's coach or an admin."""
    if not may_change(user, session):
        raise ApiError(403, "not_allowed", "Only the session's coach or an admin may do this.")


def csrf_of(token: str) -> str:
    """The CSRF token that our pages send with a change; other sites cannot know it."""
    return hmac.new(token.encode(), b"pushoff csrf", hashlib.sha256).hexdigest()


async def form(request: Request) -> dict[str, str]:
    """The fields of a form, cached. Raises ApiError if the body is not a form or too large."""
    if not hasattr(request.state, "form"):
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/x-www-form-urlencoded":
            raise ApiError(403, "csrf", "Send the page's X-CSRF-Token header, or a form.")
        text = (await read_body(request, MAX_FORM_BYTES)).decode("utf-8", "replace")
        request.state.form = dict(
            parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_FORM_FIELDS)
        )
    fields: dict[str, str] = request.state.form
    return fields


def wants_page(request: Request) -> bool:
    """Whether the client is a browser that shows a page, not a script."""
    return "text/html" in request.headers.get("accept", "")


def _refuse_for(wait_s: int) -> None:
    if wait_s:
        message = f"Too many failed sign-ins. Try again in {wait_s} s."
        raise ApiError(429, "too_many_logins", message, {"Retry-After": str(wait_s)})


def _login_required(request: Request) -> ApiError:
    if request.method in _SAFE_METHODS and wants_page(request):
        after = quote(request.url.path, safe="")
        return ApiError(303, "sign_in", "Sign in.", {"Location": f"{HOME}/sign-in?next={after}"})
    return ApiError(401, "sign_in", "You are signed out: sign in again.")
