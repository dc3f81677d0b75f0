"""Who is at the coach's page: a cookie, a role, and proof that our own page asked for a change."""

import asyncio
import hashlib
import hmac
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated
from urllib.parse import parse_qsl, quote, urlsplit

from fastapi import Depends, Request, Response

from backend.auth import RateLimiter
from backend.errors import ApiError
from backend.request_body import read_body
from pushoff.coach.accounts import Account, Role, account_for_token, authenticate, sign_out
from pushoff.coach.database import Database

HOME = "/coach"
COOKIE = "pushoff_coach"
COOKIE_DAYS = 14
FORM_BYTES = 64 * 2**10
HASHES_AT_ONCE, HASHES_WAITING = 1, 16
"""Passwords checked at once, and how many may be under way: one takes 64 MiB and a core for 50 ms,
in a thread of its own, so that strangers at the auth hold up nobody inside."""
CSRF_HEADER = "x-csrf-token"
_SAFE = ("GET", "HEAD", "OPTIONS")


class SessionAuth:
    """Dependencies of the coach's routes. Every route but the sign-in page has `enter`."""

    def __init__(self, database: Callable[[], Database], public_url: str) -> None:
        """`public_url`: as people type it; empty to believe the request's Host."""
        self._database, self._public = database, urlsplit(public_url)
        self._rate_limiter = RateLimiter()
        self._hashers = ThreadPoolExecutor(HASHES_AT_ONCE, "password")
        self._hashing = 0

    async def require_login(self, request: Request) -> None:
        """Let a signed-in person in. Raises ApiError: 401, or 303 to the sign-in page; 403."""
        token = request.cookies.get(COOKIE, "")
        account = (
            await asyncio.to_thread(account_for_token, self._database(), token) if token else None
        )
        if account is None:
            raise _sign_in_first(request)
        request.state.account, request.state.csrf = account, csrf_of(token)
        if request.method not in _SAFE:
            self.same_page(request)
            given = request.headers.get(CSRF_HEADER) or (await form(request)).get("csrf", "")
            if not hmac.compare_digest(given.encode(), request.state.csrf.encode()):
                raise ApiError(
                    403, "csrf", "This page is too old to change anything: load it again."
                )

    def same_page(self, request: Request) -> None:
        """Refuse what another site's page sends in a user's name. Raises ApiError 403."""
        site = request.headers.get("sec-fetch-site", "same-origin")
        origin = request.headers.get("origin")
        here = self._public.netloc or request.headers.get("host", "")
        if site not in ("same-origin", "none") or (origin and urlsplit(origin).netloc != here):
            raise ApiError(403, "other_site", "Only our own pages may ask for this.")

    async def sign_in(self, request: Request, name: str, password: str) -> str | None:
        """The token for the cookie, None when name or password is wrong. Raises ApiError 429."""
        # by address and name: guessing from elsewhere locks nobody out of their own account
        who = f"{request.client.host if request.client else ''} {name.strip().casefold()}"
        self._refuse_soon(self._rate_limiter.wait_s(who))
        if self._hashing >= HASHES_WAITING:
            message = "Many people are signing in just now: try again in a moment."
            raise ApiError(503, "busy", message, {"Retry-After": "2"})
        self._hashing += 1
        try:
            found = await asyncio.get_running_loop().run_in_executor(
                self._hashers, authenticate, self._database(), name, password
            )
        finally:
            self._hashing -= 1
        if found is not None:
            return found[1]
        self._refuse_soon(self._rate_limiter.record_failure(who))
        return None

    def _refuse_soon(self, wait_s: int) -> None:
        if wait_s:
            message = f"Too many wrong passwords: wait {wait_s} s."
            raise ApiError(429, "too_many_logins", message, {"Retry-After": str(wait_s)})

    async def sign_out(self, request: Request) -> None:
        """End this sign-in."""
        await asyncio.to_thread(sign_out, self._database(), request.cookies.get(COOKIE, ""))

    def give_cookie(self, response: Response, token: str | None) -> None:
        """Set the cookie; None takes it away."""
        secure = self._public.scheme == "https"
        age = 0 if token is None else COOKIE_DAYS * 24 * 3600
        response.set_cookie(
            COOKIE, token or "", age, path=HOME, httponly=True, samesite="lax", secure=secure
        )


def _account(request: Request) -> Account:
    return request.state.account


CurrentUser = Annotated[Account, Depends(_account)]
"""The signed-in person, as a route's argument."""


def admin(request: Request) -> None:
    """Dependency of what only an admin may do. Raises ApiError 403."""
    if request.state.account.role is not Role.ADMIN:
        raise ApiError(403, "not_allowed", "Only an admin may do this.")


def csrf_of(token: str) -> str:
    """What our own pages send along with a change; other sites cannot know it."""
    return hmac.new(token.encode(), b"pushoff csrf", hashlib.sha256).hexdigest()


async def form(request: Request) -> dict[str, str]:
    """The fields of a sent form, read once. Raises ApiError when it is none or too large."""
    if not hasattr(request.state, "form"):
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/x-www-form-urlencoded":
            raise ApiError(403, "csrf", "Send the X-CSRF-Token of the page, or its form.")
        text = (await read_body(request, FORM_BYTES)).decode("utf-8", "replace")
        request.state.form = dict(parse_qsl(text, keep_blank_values=True, max_num_fields=100))
    return request.state.form


def wants_page(request: Request) -> bool:
    """Whether a person's browser asks, not a script."""
    return "text/html" in request.headers.get("accept", "")


def _sign_in_first(request: Request) -> ApiError:
    if request.method in _SAFE and wants_page(request):
        after = quote(request.url.path, safe="")
        return ApiError(303, "sign_in", "Sign in.", {"Location": f"{HOME}/sign-in?next={after}"})
    return ApiError(401, "sign_in", "You are signed out: sign in again.")
