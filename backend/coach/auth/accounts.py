"""Accounts, for admins: who may sign in, as what, and a first password shown once."""

import secrets
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from backend.coach.auth.session_auth import HOME, CurrentUser, admin, form
from backend.coach.templating import page
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

AT = f"{HOME}/accounts"

Form = Annotated[dict[str, str], Depends(form)]


def routes(state: AppState) -> APIRouter:
    """The list and its changes."""
    router = APIRouter(dependencies=[Depends(admin)])

    def shown(request: Request, status: int = 200, **more: str) -> Response:
        plain = {"made": "", "password": "", "trouble": ""}
        listed = list_accounts(state.database)
        answer = page(
            request, "accounts.html", status, listed=listed, roles=list(Role), **{**plain, **more}
        )
        answer.headers["Cache-Control"] = "no-store"  # a password may stand on it
        return answer

    @router.get(AT)
    def show(request: Request, user: CurrentUser) -> Response:
        """Everybody who may or might sign in."""
        return shown(request)

    @router.post(AT)
    def add(request: Request, given: Form, user: CurrentUser) -> Response:
        """A new account; its password stands on this one answer and nowhere else."""
        name, password = given.get("name", "").strip(), _new_password()
        try:
            add_account(state.database, name, _role(given), password)
        except BadInput as wrong:
            return shown(request, 422, trouble=str(wrong))
        return shown(request, made=name, password=password)

    @router.post(AT + "/password")
    def renew(request: Request, given: Form, user: CurrentUser) -> Response:
        """A new password, shown once; whoever is signed in with the old one is not any more."""
        name, password = given.get("name", ""), _new_password()
        _not_oneself(user, name)
        set_password(state.database, name, password)
        return shown(request, made=name, password=password)

    @router.post(AT + "/change")
    def change(given: Form, user: CurrentUser) -> Response:
        """Role, and whether it may sign in."""
        name = given.get("name", "")
        _not_oneself(user, name)
        set_role(state.database, name, _role(given))
        disable(state.database, name, "enabled" not in given)
        return RedirectResponse(AT, 303)

    return router


def _new_password() -> str:
    return secrets.token_urlsafe(12)


def _role(given: dict[str, str]) -> Role:
    try:
        return Role(given.get("role", ""))
    except ValueError:
        raise BadInput("Choose a role: coach, annotator or admin.") from None


def _not_oneself(user: Account, name: str) -> None:
    """Raises BadInput: the last admin would be locked out by one wrong click."""
    if user.name == name:
        raise BadInput("This is your own account: another admin, or `pushoff account`, changes it.")
