"""backend/app.py: the routes, without a server process and without a model."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.testclient import TestClient

from backend.app import METHODS, create_app
from backend.auth import MAX_FAILURES
from backend.webhooks import Decision, Event, WebhookHandler
from pushoff.errors import SettingWrong
from pushoff.settings import Settings
from tests.unit.backend.memory_registry import eventually

AUTH = ("label-studio", "a-good-password")
HOOK = {"X-Webhook-Secret": "a-good-secret"}
CONFIG = (
    '<View><Image name="i" value="$image"/><Choices name="c" toName="i">'
    '<Choice value="push_off"/><Choice value="not_push_off"/></Choices></View>'
)


def settings(folder: Path, **more: object) -> Settings:
    values: dict[str, object] = {
        "data_dir": folder,
        "redis_url": "unix:///nowhere/redis.sock",
        "backend_password": AUTH[1],
        "webhook_secret": HOOK["X-Webhook-Secret"],
        "job_secret": "a-good-key",
    }
    return Settings(_env_file=None, **(values | more))


@pytest.fixture
def app(tmp_path: Path) -> FastAPI:
    return create_app(settings(tmp_path))


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    yield TestClient(app, raise_server_exceptions=False)


OPEN = ("/livez", "/coach/sign-in", "/coach/static/")
"""What a stranger may see: that we live, the sign-in page, and its style and scripts."""


def routes(app: FastAPI | APIRouter) -> list[APIRoute]:
    """Every route of the application, those of included routers too."""
    found: list[APIRoute] = []
    for route in app.routes:
        inner = getattr(route, "original_router", None)
        found += routes(inner) if inner else [route]
    assert all(isinstance(route, APIRoute) for route in found)
    return found


def test_every_route_requires_authentication(app: FastAPI) -> None:
    """Except liveness, the sign-in page and static files; 401 without credentials and with wrong
    ones.
    """
    seen = set()
    for route in routes(app):
        path = route.path.replace("{path:path}", "no/such/place").replace("{", "").replace("}", "")
        seen.add(path)
        if path.startswith(OPEN):
            continue
        for method in route.methods:
            for wrong in (
                {},
                {"auth": ("label-studio", "wrong")},
                {"headers": {"X-Webhook-Secret": "no"}},
            ):
                client = TestClient(app, client=(f"10.0.0.{len(seen)}", 1))
                answer = client.request(method, path, **wrong)
                assert answer.status_code in (401, 429), (method, path)
                assert (
                    answer.status_code == 429
                    or path.startswith("/coach")
                    or "basic" in answer.headers["WWW-Authenticate"].lower()
                )
    assert seen >= {
        "/health",
        "/setup",
        "/predict",
        "/webhook",
        "/versions",
        "/train",
        "/metrics",
        "/",
    }


def test_the_webhook_secret_is_valid_for_the_webhook_only(client: TestClient) -> None:
    """Users of Label Studio can read the secret."""
    assert client.post("/webhook", headers=HOOK, json={"action": "X"}).status_code == 200
    assert client.post("/webhook", auth=AUTH, json={"action": "X"}).status_code == 200
    assert client.get("/health", headers=HOOK).status_code == 401
    assert client.post("/predict", headers=HOOK, json={}).status_code == 401


@pytest.mark.parametrize(
    "header",
    ["Basic", "Basic !!!", "Bearer a-good-password", "basic\tx", "Basic " + "A" * 9000, "Digest x"],
)
def test_malformed_credentials_are_wrong_credentials(client: TestClient, header: str) -> None:
    """No header value causes an internal error."""
    assert client.get("/health", headers={"Authorization": header}).status_code == 401


def test_wrong_credentials_are_rate_limited(client: TestClient) -> None:
    """429 with Retry-After after ten failures; right credentials always work."""
    wrong = ("label-studio", "guess")
    codes = [client.get("/health", auth=wrong).status_code for _ in range(MAX_FAILURES + 1)]
    assert codes == [401] * MAX_FAILURES + [429]
    refused = client.get("/health", auth=wrong)
    assert 0 < int(refused.headers["Retry-After"]) <= 61
    assert refused.json()["error"]["code"] == "too_many_logins"
    assert client.get("/health", auth=AUTH).status_code == 200


def test_health_and_setup(client: TestClient) -> None:
    """The requests before every prediction need no model."""
    up = {"status": "UP", "model_class": "PushoffModel"}
    assert client.get("/health", auth=AUTH).json() == client.get("/", auth=AUTH).json() == up
    body = {"project": "3.1", "schema": CONFIG, "hostname": "http://evil", "access_token": "t"}
    for project in ("3.1", "nonsense", None):
        answer = client.post("/setup", auth=AUTH, json=body | {"project": project})
        assert answer.json() == {"model_version": "no-model-yet"}


def test_setup_never_logs_the_owners_token(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    """Label Studio sends its owner's token in plain text."""
    caplog.set_level("DEBUG")
    body = {"project": "3.1", "hostname": "http://canary.example", "access_token": "canary-token"}
    client.post("/setup?x=canary", auth=AUTH, json=body)
    own = [one.getMessage() for one in caplog.records if not one.name.startswith("httpx")]
    assert own
    assert "canary" not in " ".join(own)


@pytest.mark.parametrize(
    "path", ["/docs", "/redoc", "/openapi.json", "/health/", "/../etc", "/a%2f"]
)
def test_unknown_paths_are_not_found(client: TestClient, path: str) -> None:
    """No generated documentation and no redirects; 401 without credentials."""
    assert client.get(path).status_code == 401
    found = client.get(path, auth=AUTH)
    assert found.status_code == 404
    assert found.json()["error"]["code"] == "not_found"


@pytest.mark.parametrize("method", METHODS)
def test_other_methods_are_not_allowed(client: TestClient, method: str) -> None:
    """405 for a known path."""
    if method != "POST":
        assert client.request(method, "/predict", auth=AUTH).status_code == 405


@pytest.mark.parametrize(
    ("content", "headers", "status", "code"),
    [
        (b"{}", {"Content-Type": "text/plain"}, 415, "content_type"),
        (b"{}", {}, 415, "content_type"),
        (b"{}", {"Content-Type": "application/json; charset=utf-16"}, 415, "content_type"),
        (
            b"{}",
            {"Content-Type": "application/json", "Content-Encoding": "gzip"},
            415,
            "content_encoding",
        ),
        (b"", {"Content-Type": "application/json"}, 400, "body_empty"),
        (b"{", {"Content-Type": "application/json"}, 400, "json_invalid"),
        (b'{"a": NaN}', {"Content-Type": "application/json; charset=UTF-8"}, 400, "json_number"),
        (b" " * (8 * 2**20 + 1), {"Content-Type": "application/json"}, 413, "body_too_large"),
    ],
)
def test_invalid_bodies_are_refused(
    client: TestClient, content: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    """With a status, a code and a message, on every route."""
    for path in ("/setup", "/webhook", "/train"):
        answer = client.post(path, auth=AUTH, content=content, headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (status, code), path
        assert answer.json()["error"]["message"].endswith(".")


def test_a_body_without_a_length_is_limited(client: TestClient) -> None:
    """It is read up to the limit."""
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        while sent < 64:
            sent += 1
            yield b" " * 2**20

    headers = {"Content-Type": "application/json"}
    answer = client.post("/setup", auth=AUTH, content=endless(), headers=headers)
    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 422, "bad_input"),
        ({"tasks": None, "label_config": CONFIG}, 422, "bad_input"),
        ({"tasks": {}, "label_config": CONFIG}, 422, "bad_input"),
        ({"tasks": [{}] * 5001, "label_config": CONFIG}, 413, "too_many_tasks"),
        ({"tasks": [{}]}, 422, "bad_input"),
        ({"tasks": [{}], "label_config": "<View/>"}, 422, "label_config"),
        ({"tasks": [{}], "label_config": "no xml"}, 422, "label_config"),
        (
            {"tasks": [{}], "label_config": '<!DOCTYPE x [<!ENTITY a "b">]><View>&a;</View>'},
            422,
            "label_config",
        ),
    ],
)
def test_invalid_predict_requests_are_refused(
    client: TestClient, body: dict[str, object], status: int, code: str
) -> None:
    """When one item per task cannot be given."""
    answer = client.post("/predict", auth=AUTH, json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


def test_no_tasks_give_no_items(client: TestClient) -> None:
    """An empty list of tasks gives an empty list."""
    body = {"tasks": [], "label_config": CONFIG, "project": "3.1"}
    assert client.post("/predict", auth=AUTH, json=body).json() == {"results": []}


@pytest.mark.logs_errors
def test_events_are_lost_without_redis(client: TestClient) -> None:
    """503 with Retry-After, without the path of the socket; the metric counts them."""
    body = {"action": "START_TRAINING", "project": {"id": 3}}
    for path in ("/webhook", "/train"):
        answer = client.post(
            path, auth=AUTH, json=body | ({"project": "3.1"} if path == "/train" else {})
        )
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) > 0
        assert answer.json()["error"]["code"] == "queue_unavailable"
        assert "nowhere" not in answer.text
    text = client.get("/metrics", auth=AUTH).text
    assert "pushoff_queue_up 0.0" in text
    assert 'pushoff_webhook_events_total{action="START_TRAINING",decision="lost"} 1.0' in text


def test_a_late_event_is_counted_once(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    """Label Studio gets 503 in time; the metric has the outcome of the thread that goes on."""
    release = threading.Event()

    def handle(self: WebhookHandler, event: Event) -> Decision:
        release.wait(10)
        return Decision("counted")

    monkeypatch.setattr(WebhookHandler, "handle", handle)
    with TestClient(app, raise_server_exceptions=False) as client:
        answer = client.post("/webhook", headers=HOOK, json={"action": "ANNOTATION_CREATED"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "event_late")
        series = "pushoff_webhook_events_total"
        assert series + "{" not in client.get("/metrics", auth=AUTH).text
        release.set()
        counted = f'{series}{{action="ANNOTATION_CREATED",decision="counted"}} 1.0'
        assert eventually(lambda: counted in client.get("/metrics", auth=AUTH).text)
        assert "lost" not in client.get("/metrics", auth=AUTH).text


@pytest.mark.parametrize("name", ["backend_password", "webhook_secret"])
def test_a_placeholder_secret_is_refused(tmp_path: Path, name: str) -> None:
    """The service does not start with a well-known secret."""
    weak = settings(tmp_path).model_copy(
        update={name: Settings(**{name: "changeme"}).__dict__[name]}
    )
    with pytest.raises(SettingWrong, match=f"PUSHOFF_{name.upper()}"):
        create_app(weak)
