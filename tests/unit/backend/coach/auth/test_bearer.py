"""backend/coach/auth/bearer.py: API tokens and the routes that accept them."""

import pytest
from starlette.testclient import TestClient

from backend.auth import MAX_FAILURES
from backend.coach.auth.bearer import scope_of, token_scope
from backend.coach.auth.session_auth import COOKIE, HOME
from pushoff.coach.api_tokens import Scope, create_token
from tests.unit.backend.coach.auth.conftest import signed
from tests.unit.backend.test_app import routes

SESSIONS = f"{HOME}/api/sessions"


@pytest.fixture
def token_of(database, people):
    """`token_of("carla", Scope.READ)`: a new token."""

    def make(name: str = "carla", *scopes: Scope) -> str:
        return create_token(database, people[name], "test", scopes or set(Scope), 30)[1]

    return make


def program(app, token: str, **headers: str) -> TestClient:
    headers = {"Authorization": f"Bearer {token}", **headers}
    return TestClient(app, headers=headers, follow_redirects=False, raise_server_exceptions=False)


def test_a_token_needs_no_csrf_token(app, token_of, people):
    """No browser sends it by itself. Here: past the login, to a session that does not exist."""
    client = program(app, token_of())
    path = f"{HOME}/sessions/{'0' * 16}/corrections"
    answer = client.post(path, json={"kind": "delete", "frame": 1})
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "no_such_session")


def test_routes_that_are_not_marked_refuse_every_token(app, token_of):
    """403 with all scopes on every route of the coach's pages but the marked ones."""
    client = program(app, token_of("root"))
    seen = 0
    for route in routes(app):
        behind_login = route.path.startswith(HOME) and not route.path.startswith(
            (f"{HOME}/static", f"{HOME}/sign-in")
        )
        if not behind_login or scope_of(route.endpoint):
            continue
        path = route.path.replace("{path:path}", "no/such/place").replace("{", "").replace("}", "")
        for method in route.methods:
            answer = client.request(method, path)
            assert answer.status_code == 403, (method, path)
            if method != "HEAD":
                assert answer.json()["error"]["code"] == "no_tokens", (method, path)
            seen += 1
    assert seen > 40


def test_a_token_does_what_its_scope_says(app, token_of):
    """Each marked route answers 403 to a token without its scope."""
    clients = {scope: program(app, token_of("carla", scope)) for scope in Scope}
    for route in routes(app):
        needed = scope_of(route.endpoint)
        if needed is None:
            continue
        path = route.path.replace("{session_id}", "0" * 16)
        for method in route.methods:
            for scope, client in clients.items():
                answer = client.request(method, path)
                if scope is needed:
                    assert answer.status_code in (200, 400, 404, 415, 422), (method, path)
                    continue
                assert answer.status_code == 403, (method, path)
                assert answer.json()["error"]["code"] == "insufficient_scope"
                assert f'scope="{needed.value}"' in answer.headers["WWW-Authenticate"]


def test_cookie_and_token_are_never_mixed(app, token, token_of):
    """A request with both is refused, whichever of the two is valid."""
    for cookie in (token, "expired"):
        for sent in (token_of(), "invalid"):
            client = signed(app, cookie, Authorization=f"Bearer {sent}", Accept="*/*")
            answer = client.get(SESSIONS)
            assert (answer.status_code, answer.json()["error"]["code"]) == (400, "two_logins")


def test_a_login_is_no_token_and_a_token_no_login(app, token, token_of):
    """Neither works in the place of the other."""
    assert program(app, token).get(SESSIONS).status_code == 401
    client = TestClient(app)
    client.cookies.set(COOKIE, token_of(), path=HOME)
    assert client.get(SESSIONS).status_code == 401


def test_invalid_tokens_are_rate_limited(app, token_of):
    """By address; a valid token is never delayed."""
    wrong = program(app, "pushoff_guess")
    codes = [wrong.get(SESSIONS).status_code for _ in range(MAX_FAILURES + 1)]
    assert codes == [401] * MAX_FAILURES + [429]
    assert program(app, token_of()).get(SESSIONS).status_code == 200


def test_a_token_does_not_open_label_studio_routes(app, token_of):
    """Those take other credentials."""
    client = program(app, token_of("root"))
    assert client.get("/versions").status_code == 401
    assert client.post("/webhook", json={}).status_code == 401


def test_a_mark_is_read_back():
    """Without one there is no scope."""

    @token_scope(Scope.READ)
    def route() -> None: ...

    assert scope_of(route) is Scope.READ
    assert scope_of(print) is None
