"""backend/coach/auth/session_auth.py: logins, CSRF tokens and origins."""

import pytest
from starlette.testclient import TestClient

from backend.app import create_app
from backend.auth import MAX_FAILURES
from backend.coach.auth.session_auth import COOKIE, HOME, csrf_of
from pushoff.coach.accounts import account_for_token, authenticate, disable
from tests.unit.backend.coach.auth.conftest import RIGHT, SIGN_IN, SIGN_OUT, signed
from tests.unit.backend.test_app import settings
from tests.unit.coach.conftest import PASSWORD


def test_programs_get_401(app):
    """Without a redirect."""
    answer = TestClient(app).get(HOME)
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "sign_in"


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


def test_wrong_passwords_are_rate_limited(stranger):
    """Even the right password has to wait; other accounts do not."""
    wrong = {**RIGHT, "password": "guess"}
    codes = [stranger.post(SIGN_IN, data=wrong).status_code for _ in range(MAX_FAILURES + 1)]
    assert codes == [401] * MAX_FAILURES + [429]
    assert 0 < int(stranger.post(SIGN_IN, data=wrong).headers["Retry-After"]) <= 61
    assert stranger.post(SIGN_IN, data=RIGHT).status_code == 429
    assert stranger.post(SIGN_IN, data={**RIGHT, "name": "otto"}).status_code == 303


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
