"""backend/coach/sessions/corrections.py: the job that copies corrections to Label Studio."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from backend.coach.sessions.corrections import enqueue_sync
from backend.state import AppState
from pushoff.queue import job_ids
from pushoff.settings import Settings

SESSION = "0123456789abcdef"


@pytest.fixture
def open_state(tmp_path: Path) -> Iterator[Callable[..., AppState]]:
    """The state of a backend over a Redis, with or without a Label Studio."""
    opened: list[AppState] = []

    def make(redis_url: str, token: str) -> AppState:
        settings = Settings(
            _env_file=None,
            data_dir=tmp_path,
            redis_url=redis_url,
            job_secret="canary-jobs",
            label_studio_token=token,
        )
        opened.append(AppState(settings))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


def test_corrections_share_one_sync_job(
    open_state: Callable[..., AppState], redis_url: str
) -> None:
    """While it waits."""
    state = open_state(redis_url, "a token")
    for _ in range(3):
        enqueue_sync(state, SESSION)
    assert state.queue().jobs.status(job_ids.sync_corrections(SESSION)).state == "queued"
    assert len(state.queue().jobs.rq_queue("fast")) == 1


def test_without_label_studio_nothing_is_synced(
    open_state: Callable[..., AppState], redis_url: str
) -> None:
    """No job is enqueued."""
    state = open_state(redis_url, "")
    enqueue_sync(state, SESSION)
    assert state.queue().jobs.status(job_ids.sync_corrections(SESSION)).state == "unknown"


def test_an_unavailable_queue_only_defers_the_sync(
    open_state: Callable[..., AppState], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A warning names the session; nothing is raised."""
    state = open_state(f"unix://{tmp_path}/none.sock", "a token")
    enqueue_sync(state, SESSION)
    (record,) = [one for one in caplog.records if one.name == "backend.coach.sessions.corrections"]
    assert record.levelname == "WARNING"
    assert SESSION in record.getMessage()
