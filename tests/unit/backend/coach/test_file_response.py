"""Files of the storage as responses."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.responses import Response
from starlette.testclient import TestClient

from backend.coach.file_response import stored_file
from backend.errors import ApiError
from backend.state import AppState
from tests.unit.backend.test_app import settings


@pytest.fixture
def state(tmp_path: Path) -> Iterator[AppState]:
    opened = AppState(settings(tmp_path))
    yield opened
    opened.close()


def test_browsers_may_request_a_part_of_a_file(state: AppState) -> None:
    """Byte ranges let a player seek in a video."""
    state.storage.write("coach/clip.mp4", b"0123456789")
    app = FastAPI()

    @app.get("/clip")
    def clip() -> Response:
        return stored_file(state, "coach/clip.mp4", "video/mp4")

    client = TestClient(app)
    assert client.get("/clip").content == b"0123456789"
    part = client.get("/clip", headers={"Range": "bytes=2-4"})
    assert (part.status_code, part.content) == (206, b"234")
    assert part.headers["content-type"] == "video/mp4"


def test_a_file_that_does_not_exist_is_not_found(state: AppState) -> None:
    """404, not an internal error."""
    with pytest.raises(ApiError) as refused:
        stored_file(state, "coach/absent.mp4", "video/mp4")
    assert refused.value.status == 404
