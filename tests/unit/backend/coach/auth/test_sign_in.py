"""Signing in and out."""

import pytest

from backend.coach.auth.session_auth import COOKIE, HOME, csrf_of
from pushoff.coach.accounts import account_for_token
from tests.unit.backend.coach.auth.conftest import RIGHT, SIGN_IN, SIGN_OUT, signed


def test_sign_in_redirects_back(stranger):
    """To the page that was requested."""
    wanted = f"{HOME}/sessions/{'0' * 16}"
    sent = stranger.get(wanted)
    assert sent.status_code == 303
    asked = stranger.get(sent.headers["Location"])
    assert f'value="{wanted}"' in asked.text
    answer = stranger.post(SIGN_IN, data={**RIGHT, "next": wanted})
    assert (answer.status_code, answer.headers["Location"]) == (303, wanted)


@pytest.mark.parametrize(
    "wrong", [{**RIGHT, "password": "x"}, {**RIGHT, "name": "nobody"}, {"x": ""}]
)
def test_a_wrong_name_and_a_wrong_password_get_the_same_response(stranger, wrong):
    """Same page, same status, no cookie."""
    answer = stranger.post(SIGN_IN, data=wrong)
    assert answer.status_code == 401
    assert "The name or the password is wrong" in answer.text
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        f"{HOME}//evil.example",
        f"{HOME}/\\evil.example",
        "javascript:alert(1)",
        f"{HOME}@evil.example",
        f"{HOME}/a\r\nSet-Cookie: x=y",
        "/health",
        "",
    ],
)
def test_sign_in_never_redirects_to_other_sites(stranger, address):
    """Whatever `next` contains."""
    assert f'name="next" value="{HOME}"' in stranger.get(SIGN_IN, params={"next": address}).text
    answer = stranger.post(SIGN_IN, data={**RIGHT, "next": address})
    assert answer.headers["Location"] == HOME
    assert "x=y" not in str(answer.headers)


def test_sign_in_creates_a_new_token(stranger, database):
    """A planted token never becomes valid (session fixation)."""
    planted = "planted-by-somebody-else"
    stranger.cookies.set(COOKIE, planted, path=HOME)
    answer = stranger.post(SIGN_IN, data=RIGHT)
    assert answer.cookies[COOKIE] != planted
    assert account_for_token(database, planted) is None
    assert account_for_token(database, answer.cookies[COOKIE]).name == "carla"


def test_sign_out_ends_the_login(app, token, database):
    """The cookie is deleted and the token invalid."""
    answer = signed(app, token, **{"X-CSRF-Token": csrf_of(token)}).post(SIGN_OUT)
    assert (answer.status_code, answer.headers["Location"]) == (303, SIGN_IN)
    assert "Max-Age=0" in answer.headers["Set-Cookie"]
    assert account_for_token(database, token) is None
    assert signed(app, token).get(HOME).status_code == 303
