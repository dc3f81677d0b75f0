"""A person's own account: password, mail address, and API tokens, each shown once."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool

from backend.coach.auth.session_auth import HOME, CurrentUser, SessionAuth, form
from backend.state import AppState
from pushoff.coach.accounts import MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH, Account, set_password
from pushoff.coach.api_tokens import (
    LIFETIMES_DAYS,
    Scope,
    create_token,
    list_tokens,
    revoke_token,
)
from pushoff.coach.notifications import mail_address, set_mail_address
from pushoff.errors import BadInput
from pushoff.notify.mail import check_address

PATH = f"{HOME}/account"

Form = Annotated[dict[str, str], Depends(form)]


def routes(state: AppState, auth: SessionAuth) -> APIRouter:
    """The page and its changes. None accepts an API token, so a token cannot make another one."""
    router = APIRouter()
    sends_mail = bool(state.settings.smtp_url.get_secret_value())

    def render(
        request: Request, user: Account, status: int = 200, *, token: str = "", error: str = ""
    ) -> Response:
        response = state.pages.render(
            request,
            "account.html",
            status,
            tokens=list_tokens(state.database, user),
            lifetimes_days=LIFETIMES_DAYS,
            min_password_length=MIN_PASSWORD_LENGTH,
            sends_mail=sends_mail,
            address=mail_address(state.database, user),
            token=token,
            error=error,
            password_changed="password" in request.query_params,
        )
        response.headers["Cache-Control"] = "no-store"  # it may contain a token
        return response

    @router.get(PATH)
    def show(request: Request, user: CurrentUser) -> Response:
        """Password, mail address, tokens."""
        return render(request, user)

    @router.post(PATH + "/password")
    async def change_password(request: Request, fields: Form, user: CurrentUser) -> Response:
        """Set a new password, after the current one; every other login and all tokens end."""
        current = fields.get("current", "")[: MAX_PASSWORD_LENGTH + 1]
        new = fields.get("new", "")
        if not await auth.is_password(request, user, current):
            error = "The current password is wrong. Nothing was changed."
            return await run_in_threadpool(render, request, user, 422, error=error)
        try:
            await run_in_threadpool(set_password, state.database, user.name, new)
        except BadInput as refusal:
            return await run_in_threadpool(render, request, user, 422, error=refusal.explanation)
        response = RedirectResponse(f"{PATH}?password=changed", 303)
        auth.set_cookie(response, await auth.sign_in(request, user.name, new))
        return response

    @router.post(PATH + "/mail")
    def change_address(request: Request, fields: Form, user: CurrentUser) -> Response:
        """Set the address for notifications; an empty one ends them."""
        address = fields.get("address", "").strip()
        try:
            set_mail_address(state.database, user, check_address(address) if address else "")
        except BadInput as refusal:
            return render(request, user, 422, error=refusal.explanation)
        return RedirectResponse(f"{PATH}#mail", 303)

    @router.post(PATH + "/tokens")
    def add_token(request: Request, fields: Form, user: CurrentUser) -> Response:
        """Create a token; this response is the only one that contains it."""
        days, scopes = fields.get("days", ""), {scope for scope in Scope if scope.value in fields}
        try:
            _, token = create_token(
                state.database,
                user,
                fields.get("name", ""),
                scopes,
                int(days) if days.isdecimal() and len(days) < 6 else 0,
            )
        except BadInput as refusal:
            return render(request, user, 422, error=refusal.explanation)
        return render(request, user, token=token)

    @router.post(PATH + "/tokens/revoke")
    def revoke(request: Request, fields: Form, user: CurrentUser) -> Response:
        """End a token at once."""
        revoke_token(state.database, user, fields.get("token_id", ""))
        return RedirectResponse(f"{PATH}#tokens", 303)

    return router
