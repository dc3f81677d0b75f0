"""What every response has in common."""

from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from backend.app import create_app
from backend.middleware import MAX_HEADER_BYTES
from tests.unit.backend.test_app import AUTH, settings


@pytest.fixture
def app(tmp_path: Path) -> FastAPI:
    return create_app(settings(tmp_path))


@pytest.fixture
def client(app: FastAPI) -> TestClient:
    return TestClient(app, raise_server_exceptions=False)


def test_responses_have_a_request_id_and_security_headers(client: TestClient) -> None:
    """Errors too; error bodies repeat the id."""
    for path in ("/livez", "/health", "/nowhere"):
        answer = client.get(path, auth=AUTH)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert len(answer.headers["X-Request-ID"]) == 16
    assert answer.json()["error"]["request_id"] == answer.headers["X-Request-ID"]


@pytest.mark.logs_errors
def test_an_unexpected_error_has_no_details(app: FastAPI) -> None:
    """500 with a request id; the details are in the log."""

    @app.get("/broken")
    async def broken() -> None:
        raise RuntimeError("canary in /secret/path")

    app.router.routes.insert(0, app.router.routes.pop())
    answer = TestClient(app, raise_server_exceptions=False).get("/broken")
    assert answer.status_code == 500
    assert answer.json()["error"]["code"] == "internal"
    assert answer.json()["error"]["request_id"] == answer.headers["X-Request-ID"]
    assert "canary" not in answer.text


def test_headers_too_large_are_refused(client: TestClient) -> None:
    """Before the application sees the request."""
    answer = client.get("/livez", headers={"X-Padding": "x" * MAX_HEADER_BYTES})
    assert (answer.status_code, answer.json()["error"]["code"]) == (431, "headers_too_large")
    assert client.get("/livez", headers={"X-Padding": "x" * 1000}).status_code == 200
