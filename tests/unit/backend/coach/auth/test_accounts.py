"""backend/coach/auth/accounts.py: the accounts page."""

import re

import pytest

from backend.coach.auth.session_auth import HOME
from pushoff.coach.accounts import authenticate, list_accounts
from tests.unit.coach.conftest import PASSWORD

AT = f"{HOME}/accounts"


def password_on(text: str) -> str:
    return re.search(r"is <code>([^<]+)</code>", text)[1]


@pytest.mark.parametrize("who", ["carla", "anna"])
def test_only_admins_see_and_change_accounts(visit, database, who):
    """403 and no link for everybody else."""
    client, before = visit(who), list_accounts(database)
    assert client.get(AT).status_code == 403
    for path in ("", "/password", "/change"):
        given = {"name": "otto", "role": "admin", "enabled": "yes"}
        assert client.post(AT + path, data=given).status_code == 403
    assert list_accounts(database) == before
    assert AT not in client.get(HOME).text


def test_a_new_account_gets_a_password_shown_once(visit, database):
    """It is in this response only, which is not cached."""
    root = visit("root")
    answer = root.post(AT, data={"name": "<i>Ida</i>", "role": "coach"})
    assert answer.headers["Cache-Control"] == "no-store"
    password = password_on(answer.text)
    assert authenticate(database, "<i>Ida</i>", password)[0].role.value == "coach"
    assert "<i>Ida" not in answer.text
    assert password not in root.get(AT).text


@pytest.mark.parametrize(
    "given", [{"name": "carla", "role": "coach"}, {"name": "", "role": "coach"},
              {"name": "new", "role": "king"}, {"x": ""}],
)  # fmt: skip
def test_an_invalid_account_is_refused_on_the_page(visit, database, given):
    """A taken or empty name, or an unknown role."""
    before = list_accounts(database)
    answer = visit("root").post(AT, data=given)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert list_accounts(database) == before


def test_role_and_disabling_are_changed(visit, database):
    """A coach becomes an annotator; an account is disabled."""
    root, otto = visit("root"), visit("otto")
    root.post(AT + "/change", data={"name": "otto", "role": "annotator", "enabled": "yes"})
    assert "(annotator)" in otto.get(HOME).text
    root.post(AT + "/change", data={"name": "otto", "role": "annotator"})
    assert otto.get(HOME).status_code == 303
    assert "disabled" in root.get(AT).text
    root.post(AT + "/change", data={"name": "otto", "role": "annotator", "enabled": "yes"})
    assert otto.get(HOME).status_code == 303  # let in again, but not by an old cookie


def test_a_new_password_ends_logins(visit, database):
    """Of that account."""
    root, otto = visit("root"), visit("otto")
    password = password_on(root.post(AT + "/password", data={"name": "otto"}).text)
    assert authenticate(database, "otto", PASSWORD) is None
    assert authenticate(database, "otto", password)
    assert otto.get(HOME).status_code == 303


@pytest.mark.parametrize("path", ["/password", "/change"])
def test_an_admin_cannot_lock_themselves_out(visit, database, path):
    """Their own account cannot be changed on the page."""
    answer = visit("root").post(AT + path, data={"name": "root", "role": "coach"})
    assert answer.status_code == 422
    assert authenticate(database, "root", PASSWORD)[0].role.value == "admin"
