"""backend/coach/auth/own_account.py: the page of one's own account."""

import re

import pytest

from backend.app import create_app
from backend.coach.auth.session_auth import COOKIE, HOME, csrf_of
from pushoff.coach.accounts import authenticate
from pushoff.coach.api_tokens import Scope, account_for_api_token, create_token, list_tokens
from pushoff.coach.notifications import mail_address
from tests.unit.backend.coach.auth.conftest import signed
from tests.unit.backend.test_app import settings
from tests.unit.coach.conftest import PASSWORD

AT = f"{HOME}/account"
NEW = "a better password"


def test_a_token_is_shown_once(visit, database, people):
    """In the response to its creation, which is not cached."""
    carla = visit("carla")
    answer = carla.post(AT + "/tokens", data={"name": "<i>x</i>", "read": "yes", "days": "30"})
    assert answer.headers["Cache-Control"] == "no-store"
    token = re.search(r'<code id="new-token">([^<]+)</code>', answer.text)[1]
    assert account_for_api_token(database, token) == (people["carla"], {Scope.READ})
    assert "<i>x" not in answer.text
    page = carla.get(AT).text
    assert token not in page and "&lt;i&gt;x" in page


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "x", "days": "30"},
        {"name": "", "read": "yes", "days": "30"},
        {"name": "x", "read": "yes", "days": "1e9"},
        {"name": "x", "read": "yes", "days": "9" * 5000},
    ],
)
def test_an_invalid_token_is_refused_on_the_page(visit, database, people, wrong):
    """With the reason, and nothing is created."""
    answer = visit("carla").post(AT + "/tokens", data=wrong)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert list_tokens(database, people["carla"]) == []


def test_tokens_are_seen_and_revoked_by_their_owner(visit, database, people):
    """Nobody else's page lists them, and nobody else's request ends them."""
    kept, token = create_token(database, people["carla"], "mine", {Scope.READ}, 30)
    otto = visit("otto")
    assert "mine" not in otto.get(AT).text
    assert otto.post(AT + "/tokens/revoke", data={"token_id": kept.token_id}).status_code == 422
    assert account_for_api_token(database, token)
    answer = visit("carla").post(AT + "/tokens/revoke", data={"token_id": kept.token_id})
    assert answer.status_code == 303
    assert account_for_api_token(database, token) is None


def test_a_new_password_needs_the_current_one(visit, database):
    """A login left open on a shared computer does not hand the account over."""
    carla = visit("carla")
    answer = carla.post(AT + "/password", data={"current": "guess", "new": NEW})
    assert answer.status_code == 422
    assert authenticate(database, "carla", PASSWORD)
    assert carla.get(AT).status_code == 200


def test_a_password_that_is_too_short_is_refused(visit, database):
    """The old one stays."""
    answer = visit("carla").post(AT + "/password", data={"current": PASSWORD, "new": "short"})
    assert answer.status_code == 422
    assert authenticate(database, "carla", PASSWORD)


def test_a_new_password_signs_other_devices_out(visit, database, people):
    """And revokes the tokens; this device gets a new login."""
    carla, phone = visit("carla"), visit("carla")
    _, token = create_token(database, people["carla"], "mine", {Scope.READ}, 30)
    before = carla.cookies[COOKIE]
    answer = carla.post(AT + "/password", data={"current": PASSWORD, "new": NEW})
    assert answer.status_code == 303
    assert authenticate(database, "carla", PASSWORD) is None
    assert phone.get(AT).status_code == 303
    assert account_for_api_token(database, token) is None
    new = answer.cookies[COOKIE]
    assert new != before
    carla.cookies.clear()
    carla.cookies.set(COOKIE, new, path=HOME)
    assert "was changed" in carla.get(answer.headers["Location"]).text


def test_an_address_is_asked_for_where_mail_is_sent(tmp_path, database, people, visit):
    """It is kept as given, removed when empty, and refused when it is none."""
    assert 'name="address"' not in visit("carla").get(AT).text
    app = create_app(settings(tmp_path, smtp_url="smtp://127.0.0.1"))
    token = authenticate(database, "carla", PASSWORD)[1]
    carla = signed(app, token, **{"X-CSRF-Token": csrf_of(token)})
    assert 'name="address"' in carla.get(AT).text
    for address in ("carla@example.org", ""):
        assert carla.post(AT + "/mail", data={"address": address}).status_code == 303
        assert mail_address(database, people["carla"]) == address
    assert carla.post(AT + "/mail", data={"address": "a@b.c, d@e.f"}).status_code == 422
    assert mail_address(database, people["carla"]) == ""
