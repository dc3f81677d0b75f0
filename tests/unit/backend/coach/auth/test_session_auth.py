"""backend/coach/auth/session_auth.py and signing.py: who gets in, and who may ask for a change."""

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from backend.app import create_app
from backend.auth import MAX_FAILURES
from backend.coach.auth.session_auth import COOKIE, HOME, csrf_of
from pushoff.coach.accounts import account_for_token, authenticate, disable
from tests.unit.backend.coach.conftest import PAGE
from tests.unit.backend.test_app import settings
from tests.unit.coach.conftest import PASSWORD

SIGN_IN = f"{HOME}/sign-in"
SIGN_OUT = f"{HOME}/sign-out"
RIGHT = {"name": "carla", "password": PASSWORD}


def signed(app: FastAPI, token: str, **headers: str) -> TestClient:
    """A browser that holds the token and sends no proof by itself."""
    client = TestClient(app, headers={**PAGE, **headers}, follow_redirects=False)
    client.cookies.set(COOKIE, token, path=HOME)
    return client


@pytest.fixture
def token(database) -> str:
    return authenticate(database, "carla", PASSWORD)[1]


def test_a_stranger_is_sent_to_sign_in_and_back(stranger):
    """After name and password one is where one wanted to be."""
    wanted = f"{HOME}/sessions/{'0' * 16}"
    sent = stranger.get(wanted)
    assert sent.status_code == 303
    asked = stranger.get(sent.headers["Location"])
    assert f'value="{wanted}"' in asked.text
    answer = stranger.post(SIGN_IN, data={**RIGHT, "next": wanted})
    assert (answer.status_code, answer.headers["Location"]) == (303, wanted)


def test_programs_hear_401(app):
    """What asks for no page gets an error to read, and no redirect."""
    answer = TestClient(app).get(HOME)
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "sign_in"


@pytest.mark.parametrize(
    "wrong", [{**RIGHT, "password": "x"}, {**RIGHT, "name": "nobody"}, {"x": ""}]
)
def test_a_wrong_name_and_a_wrong_password_look_alike(stranger, wrong):
    """The same page, the same status, no cookie."""
    answer = stranger.post(SIGN_IN, data=wrong)
    assert answer.status_code == 401
    assert "The name or the password is wrong" in answer.text
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_the_cookie_is_for_our_pages_only(tmp_path, database, scheme):
    """Out of scripts' reach, not sent along by other sites, secure where the address is."""
    app = create_app(settings(tmp_path, public_url=f"{scheme}://coach.example.org"))
    client = TestClient(app, base_url=f"{scheme}://coach.example.org", follow_redirects=False)
    cookie = client.post(SIGN_IN, data=RIGHT).headers["Set-Cookie"]
    flags = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert {"httponly", "samesite=lax", f"path={HOME}"} <= flags
    assert ("secure" in flags) == (scheme == "https")
    assert not any(flag.startswith("domain") for flag in flags)


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
def test_nobody_is_sent_elsewhere_after_signing_in(stranger, address):
    """Whatever `next` says, one lands on our own pages."""
    assert f'name="next" value="{HOME}"' in stranger.get(SIGN_IN, params={"next": address}).text
    answer = stranger.post(SIGN_IN, data={**RIGHT, "next": address})
    assert answer.headers["Location"] == HOME
    assert "x=y" not in str(answer.headers)


def test_a_token_brought_along_is_worth_nothing(stranger, database):
    """Signing in gives a fresh token: one that somebody planted before never becomes valid."""
    planted = "planted-by-somebody-else"
    stranger.cookies.set(COOKIE, planted, path=HOME)
    answer = stranger.post(SIGN_IN, data=RIGHT)
    assert answer.cookies[COOKIE] != planted
    assert account_for_token(database, planted) is None
    assert account_for_token(database, answer.cookies[COOKIE]).name == "carla"


def test_guessing_passwords_is_slowed_down(stranger):
    """After ten wrong ones nothing is looked at for a while, not even the right one; others may."""
    wrong = {**RIGHT, "password": "guess"}
    codes = [stranger.post(SIGN_IN, data=wrong).status_code for _ in range(MAX_FAILURES + 1)]
    assert codes == [401] * MAX_FAILURES + [429]
    assert 0 < int(stranger.post(SIGN_IN, data=wrong).headers["Retry-After"]) <= 61
    assert stranger.post(SIGN_IN, data=RIGHT).status_code == 429
    assert stranger.post(SIGN_IN, data={**RIGHT, "name": "otto"}).status_code == 303


def test_signing_out_ends_it(app, token, database):
    """The cookie goes and the token is worth nothing any more."""
    answer = signed(app, token, **{"X-CSRF-Token": csrf_of(token)}).post(SIGN_OUT)
    assert (answer.status_code, answer.headers["Location"]) == (303, SIGN_IN)
    assert "Max-Age=0" in answer.headers["Set-Cookie"]
    assert account_for_token(database, token) is None
    assert signed(app, token).get(HOME).status_code == 303


def test_a_change_needs_the_page_s_own_proof(app, token, database):
    """Missing, wrong, or another sign-in's proof: 403 and nothing happens; header and form work."""
    other = authenticate(database, "carla", PASSWORD)[1]
    for wrong in ("", "0" * 64, csrf_of(other), "\N{SNOWMAN}"):
        assert signed(app, token).post(SIGN_OUT, data={"csrf": wrong}).status_code == 403
    for wrong in ("x", csrf_of(other)):
        client = signed(app, token, **{"X-CSRF-Token": wrong})
        assert client.post(SIGN_OUT).status_code == 403
    plain = signed(app, token)
    assert plain.post(SIGN_OUT).status_code == 403
    assert plain.post(SIGN_OUT, json={"csrf": csrf_of(token)}).status_code == 403
    assert account_for_token(database, token)
    assert plain.post(SIGN_OUT, data={"csrf": csrf_of(token)}).status_code == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://testserver.evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_other_sites_may_not_ask_for_a_change(app, token, database, headers):
    """Not even with the right proof, and not for signing in either."""
    client = signed(app, token, **headers, **{"X-CSRF-Token": csrf_of(token)})
    assert client.post(SIGN_OUT).status_code == 403
    assert client.post(SIGN_IN, data=RIGHT).status_code == 403
    assert account_for_token(database, token)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://testserver"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "http://testserver"},
        {"Sec-Fetch-Site": "none"},
    ],
)
def test_our_own_pages_may(app, token, headers):
    """A browser on our page says so, or says nothing."""
    client = signed(app, token, **headers, **{"X-CSRF-Token": csrf_of(token)})
    assert client.post(SIGN_OUT).status_code == 303


def test_behind_a_proxy_the_public_address_counts(tmp_path, database):
    """The address people type is where changes may come from, whatever Host arrives."""
    app = create_app(settings(tmp_path, public_url="https://coach.example.org"))
    client = TestClient(app, follow_redirects=False)
    ours, theirs = {"Origin": "https://coach.example.org"}, {"Origin": "http://testserver"}
    assert client.post(SIGN_IN, data=RIGHT, headers=ours).status_code == 303
    assert client.post(SIGN_IN, data=RIGHT, headers=theirs).status_code == 403


@pytest.mark.parametrize("cookie", ["", "x", "a" * 5000, '"', "ä"])
def test_strange_cookies_are_nobody(stranger, cookie):
    """Nothing a cookie may hold makes an error of ours."""
    header = f"{COOKIE}={cookie}".encode()
    assert stranger.get(HOME, headers={"Cookie": header}).status_code == 303


def test_a_disabled_account_is_out_on_the_next_click(visit, database):
    """Whoever is signed in is not any more."""
    carla = visit("carla")
    assert carla.get(HOME).status_code == 200
    disable(database, "carla")
    assert carla.get(HOME).status_code == 303


def test_a_form_too_large_is_refused(stranger):
    """Nobody fills our memory through the sign-in page."""
    answer = stranger.post(SIGN_IN, data={**RIGHT, "next": "x" * 100_000})
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/sign-in",
        "/models",
        "/nowhere",
        "/sessions/x/report.json",
        f"/sessions/{'0' * 16}/report.json",
    ],
)
def test_every_page_forbids_what_it_does_not_need(visit, path):
    """Nothing inline, nothing from elsewhere, no framing, no storing, no guessing of types."""
    answer = visit("carla").get(HOME + path)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert "no-store" in answer.headers["Cache-Control"]
    assert "<script>" not in answer.text
    assert " style=" not in answer.text
    assert "http://" not in answer.text
    assert "https://" not in answer.text


def test_names_are_shown_as_they_were_typed(visit, add):
    """An athlete's name is text, never HTML, in the list and in the search field."""
    add("carla", athlete='<img src=x onerror=alert(1)>"&', filename="<b>.mp4")
    text = visit("carla").get(HOME, params={"q": '"><script>alert(1)</script>'}).text
    assert "<script>alert" not in text
    text = visit("carla").get(HOME).text
    assert "<img src=x" not in text
    assert "&lt;img src=x onerror=alert(1)&gt;" in text
