"""API tokens in the `Authorization: Bearer` header, and the routes that accept one.

A token is accepted by routes marked with `token_scope` only: any other route, and one that is
added without a mark, answers 403.
"""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from fastapi import Request

from backend.auth import RateLimiter
from backend.errors import ApiError
from pushoff.coach.accounts import Account
from pushoff.coach.api_tokens import Scope, account_for_api_token
from pushoff.coach.database import Database

_MARK = "token_scope"
Route = TypeVar("Route", bound=Callable[..., Any])


def token_scope(scope: Scope) -> Callable[[Route], Route]:
    """Mark a route, below the router's decorator, as open to API tokens with this scope."""

    def mark(route: Route) -> Route:
        setattr(route, _MARK, scope)
        return route

    return mark


def scope_of(endpoint: object) -> Scope | None:
    """The scope that a token needs for the route; None: no token may call it."""
    return getattr(endpoint, _MARK, None)


def bearer_token(request: Request) -> str | None:
    """The token of the header; None where it has no Bearer credentials."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


class BearerAuth:
    """Checks tokens. A request with one needs no CSRF token: no browser sends it by itself."""

    def __init__(self, database: Callable[[], Database]) -> None:
        self._database = database
        self._rate_limiter = RateLimiter()

    async def account(self, request: Request, token: str) -> Account:
        """The owner of the token.

        Raises ApiError: 401 for a token that is not valid, 429 after too many of them, 403 for a
        route that this token may not call.
        """
        found = await asyncio.to_thread(account_for_api_token, self._database(), token)
        if found is None:
            raise self._refuse(request)
        account, scopes = found
        needed = scope_of(request.scope.get("endpoint"))
        if needed is None:
            raise ApiError(403, "no_tokens", "API tokens are not accepted here: use a browser.")
        if needed not in scopes:
            message = f"This token does not have the scope {needed.value}."
            challenge = f'Bearer error="insufficient_scope", scope="{needed.value}"'
            raise ApiError(403, "insufficient_scope", message, {"WWW-Authenticate": challenge})
        return account

    def _refuse(self, request: Request) -> ApiError:
        """By address, like wrong passwords; a valid token is never delayed."""
        wait_s = self._rate_limiter.record_failure(request.client.host if request.client else "")
        if wait_s:
            message = f"Too many invalid API tokens. Try again in {wait_s} s."
            return ApiError(429, "too_many_logins", message, {"Retry-After": str(wait_s)})
        return ApiError(
            401,
            "invalid_token",
            "The API token is unknown, revoked or expired. Create one on your account's page.",
            {"WWW-Authenticate": 'Bearer error="invalid_token"'},
        )
