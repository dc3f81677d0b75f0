"""Sign in and sign out."""

from typing import TYPE_CHECKING
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from backend.coach.auth.session_auth import HOME, SessionAuth, form
from pushoff.coach.accounts import MAX_PASSWORD_LENGTH

if TYPE_CHECKING:
    from backend.coach.templating import Pages

PATH = f"{HOME}/sign-in"
MAX_NAME_LENGTH = 200
"""Of a name that is checked; longer ones are cut."""


def open_routes(pages: "Pages", auth: SessionAuth) -> APIRouter:
    """The sign-in page, the only page without a login."""
    router = APIRouter()

    @router.get(PATH)
    async def show(request: Request, next: str = HOME) -> Response:
        """The form for name and password."""
        return pages.render(request, "sign_in.html", next_path=_own_path(next), wrong=False)

    @router.post(PATH)
    async def sign_in(request: Request) -> Response:
        """Set the cookie and redirect to the requested page."""
        auth.require_same_origin(request)
        fields = await form(request)
        next_path = _own_path(fields.get("next", HOME))
        password = fields.get("password", "")[: MAX_PASSWORD_LENGTH + 1]
        token = await auth.sign_in(request, fields.get("name", "")[:MAX_NAME_LENGTH], password)
        if token is None:
            return pages.render(request, "sign_in.html", 401, next_path=next_path, wrong=True)
        response = RedirectResponse(next_path, 303)
        auth.set_cookie(response, token)
        return response

    return router


def routes(auth: SessionAuth) -> APIRouter:
    """The routes that require a login."""
    router = APIRouter()

    @router.post(f"{HOME}/sign-out")
    async def sign_out(request: Request) -> Response:
        """End the login on this device."""
        await auth.sign_out(request)
        response = RedirectResponse(PATH, 303)
        auth.set_cookie(response, None)
        return response

    return router


def _own_path(path: str) -> str:
    """The path if it is one of ours, otherwise the list: no redirects to other sites."""
    own = path.startswith(f"{HOME}/") and not set(path) & set("\\\r\n\t")
    return quote(path, safe="/") if own and "//" not in path else HOME
