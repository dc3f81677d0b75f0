"""backend/coach/auth/session_auth.py and sign_in.py: logins, CSRF, security headers."""

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


def test_sign_in_redirects_back(stranger):
    """To the page that was requested."""
    wanted = f"{HOME}/sessions/{'0' * 16}"
    sent = stranger.get(wanted)
    assert sent.status_code == 303
    asked = stranger.get(sent.headers["Location"])
    assert f'value="{wanted}"' in asked.text
    answer = stranger.post(SIGN_IN, data={**RIGHT, "next": wanted})
    assert (answer.status_code, answer.headers["Location"]) == (303, wanted)


def test_programs_get_401(app):
    """Without a redirect."""
    answer = TestClient(app).get(HOME)
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "sign_in"


@pytest.mark.parametrize(
    "wrong", [{**RIGHT, "password": "x"}, {**RIGHT, "name": "nobody"}, {"x": ""}]
)
def test_a_wrong_name_and_a_wrong_password_get_the_same_response(stranger, wrong):
    """Same page, same status, no cookie."""
    answer = stranger.post(SIGN_IN, data=wrong)
    assert answer.status_code == 401
    assert "The name or the password is wrong" in answer.text
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_the_cookie_is_restricted(tmp_path, database, scheme):
    """HttpOnly, SameSite, the path of our pages, and Secure with HTTPS."""
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


def test_wrong_passwords_are_rate_limited(stranger):
    """Even the right password has to wait; other accounts do not."""
    wrong = {**RIGHT, "password": "guess"}
    codes = [stranger.post(SIGN_IN, data=wrong).status_code for _ in range(MAX_FAILURES + 1)]
    assert codes == [401] * MAX_FAILURES + [429]
    assert 0 < int(stranger.post(SIGN_IN, data=wrong).headers["Retry-After"]) <= 61
    assert stranger.post(SIGN_IN, data=RIGHT).status_code == 429
    assert stranger.post(SIGN_IN, data={**RIGHT, "name": "otto"}).status_code == 303


def test_sign_out_ends_the_login(app, token, database):
    """The cookie is deleted and the token invalid."""
    answer = signed(app, token, **{"X-CSRF-Token": csrf_of(token)}).post(SIGN_OUT)
    assert (answer.status_code, answer.headers["Location"]) == (303, SIGN_IN)
    assert "Max-Age=0" in answer.headers["Set-Cookie"]
    assert account_for_token(database, token) is None
    assert signed(app, token).get(HOME).status_code == 303


def test_a_change_needs_the_csrf_token(app, token, database):
    """403 if it is missing, wrong or of another login; header and form field work."""
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
def test_changes_from_other_sites_are_refused(app, token, database, headers):
    """Even with the right token, and for sign-in too."""
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
def test_changes_from_our_own_pages_are_allowed(app, token, headers):
    """With or without the browser's origin headers."""
    client = signed(app, token, **headers, **{"X-CSRF-Token": csrf_of(token)})
    assert client.post(SIGN_OUT).status_code == 303


def test_the_public_url_is_the_allowed_origin(tmp_path, database):
    """Whatever the Host header says."""
    app = create_app(settings(tmp_path, public_url="https://coach.example.org"))
    client = TestClient(app, follow_redirects=False)
    ours, theirs = {"Origin": "https://coach.example.org"}, {"Origin": "http://testserver"}
    assert client.post(SIGN_IN, data=RIGHT, headers=ours).status_code == 303
    assert client.post(SIGN_IN, data=RIGHT, headers=theirs).status_code == 403


@pytest.mark.parametrize("cookie", ["", "x", "a" * 5000, '"', "ä"])
def test_malformed_cookies_are_no_login(stranger, cookie):
    """And cause no internal error."""
    header = f"{COOKIE}={cookie}".encode()
    assert stranger.get(HOME, headers={"Cookie": header}).status_code == 303


def test_a_disabled_account_is_signed_out(visit, database):
    """At the next request."""
    carla = visit("carla")
    assert carla.get(HOME).status_code == 200
    disable(database, "carla")
    assert carla.get(HOME).status_code == 303


def test_a_form_too_large_is_refused(stranger):
    """Without reading all of it."""
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
def test_every_page_has_security_headers(visit, path):
    """Nothing inline, nothing from other origins, no framing, no caching, no type sniffing."""
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


def test_names_are_escaped(visit, add):
    """In the list and in the search field."""
    add("carla", athlete='<img src=x onerror=alert(1)>"&', filename="<b>.mp4")
    text = visit("carla").get(HOME, params={"q": '"><script>alert(1)</script>'}).text
    assert "<script>alert" not in text
    text = visit("carla").get(HOME).text
    assert "<img src=x" not in text
    assert "&lt;img src=x onerror=alert(1)&gt;" in text
