"""The accounts page, for admins: roles, disabled accounts, and new passwords shown once."""

import secrets
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from backend.coach.auth.session_auth import HOME, CurrentUser, form, require_admin
from backend.state import AppState
from pushoff.coach.accounts import (
    Account,
    Role,
    add_account,
    disable,
    list_accounts,
    set_password,
    set_role,
)
from pushoff.errors import BadInput

PATH = f"{HOME}/accounts"

Form = Annotated[dict[str, str], Depends(form)]


def routes(state: AppState) -> APIRouter:
    """The list and its changes."""
    router = APIRouter(dependencies=[Depends(require_admin)])

    def render(
        request: Request, status: int = 200, *, name: str = "", password: str = "", error: str = ""
    ) -> Response:
        response = state.pages.render(
            request,
            "accounts.html",
            status,
            accounts=list_accounts(state.database),
            roles=list(Role),
            name=name,
            password=password,
            error=error,
        )
        response.headers["Cache-Control"] = "no-store"  # it may contain a password
        return response

    @router.get(PATH)
    def show(request: Request, user: CurrentUser) -> Response:
        """Every account, enabled or disabled."""
        return render(request)

    @router.post(PATH)
    def add(request: Request, fields: Form, user: CurrentUser) -> Response:
        """Create an account; this response is the only one with its password."""
        name, password = fields.get("name", "").strip(), _new_password()
        try:
            add_account(state.database, name, _role(fields), password)
        except BadInput as error:
            return render(request, 422, error=error.explanation)
        return render(request, name=name, password=password)

    @router.post(PATH + "/password")
    def reset_password(request: Request, fields: Form, user: CurrentUser) -> Response:
        """Set a new password, shown once, and end every login of the account."""
        name, password = fields.get("name", ""), _new_password()
        _check_other_account(user, name)
        set_password(state.database, name, password)
        return render(request, name=name, password=password)

    @router.post(PATH + "/change")
    def change(fields: Form, user: CurrentUser) -> Response:
        """Set the role, and enable or disable the account."""
        name = fields.get("name", "")
        _check_other_account(user, name)
        set_role(state.database, name, _role(fields))
        disable(state.database, name, "enabled" not in fields)
        return RedirectResponse(PATH, 303)

    return router


def _new_password() -> str:
    return secrets.token_urlsafe(12)


def _role(fields: dict[str, str]) -> Role:
    try:
        return Role(fields.get("role", ""))
    except ValueError:
        raise BadInput("Choose a role: coach, annotator or admin.", code="invalid_role") from None


def _check_other_account(user: Account, name: str) -> None:
    """Raise BadInput for one's own account: the last admin could lock everybody out."""
    if user.name == name:
        raise BadInput(
            "You cannot change your own account here.",
            code="own_account",
            remedy="Ask another admin, or use `pushoff account`.",
        )
