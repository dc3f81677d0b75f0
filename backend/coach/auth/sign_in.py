"""Signing in and out."""

from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from backend.coach.auth.session_auth import HOME, SessionAuth, form
from backend.coach.templating import page
from pushoff.coach.accounts import MAX_PASSWORD_LENGTH


def open_routes(auth: SessionAuth) -> APIRouter:
    """The sign-in page, the one page for strangers."""
    router = APIRouter()

    @router.get(f"{HOME}/sign-in")
    async def ask(request: Request, next: str = HOME) -> Response:
        """Name and password, please."""
        return page(request, "sign_in.html", after=_inside(next), wrong=False)

    @router.post(f"{HOME}/sign-in")
    async def sign_in(request: Request) -> Response:
        """Set the cookie and go where the user wanted to."""
        auth.same_page(request)
        given = await form(request)
        after = _inside(given.get("next", HOME))
        password = given.get("password", "")[: MAX_PASSWORD_LENGTH + 1]
        token = await auth.sign_in(request, given.get("name", "")[:200], password)
        if token is None:
            return page(request, "sign_in.html", 401, after=after, wrong=True)
        answer = RedirectResponse(after, 303)
        auth.give_cookie(answer, token)
        return answer

    return router


def routes(auth: SessionAuth) -> APIRouter:
    """For whoever is signed in."""
    router = APIRouter()

    @router.post(f"{HOME}/sign-out")
    async def sign_out(request: Request) -> Response:
        """End the sign-in on this device."""
        await auth.sign_out(request)
        answer = RedirectResponse(f"{HOME}/sign-in", 303)
        auth.give_cookie(answer, None)
        return answer

    return router


def _inside(address: str) -> str:
    """The address when it is one of ours, else the list: nobody is sent to another site."""
    inside = address.startswith(f"{HOME}/") and not set(address) & set("\\\r\n\t")
    return quote(address, safe="/") if inside and "//" not in address else HOME
