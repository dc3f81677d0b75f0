"""After a correction the worker is asked to tell Label Studio, where there is one."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from backend.coach.sessions.corrections import enqueue_sync
from backend.state import AppState
from pushoff.queue import job_ids
from pushoff.settings import Settings

SESSION = "0123456789abcdef"


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Callable[..., AppState]]:
    """The backend's parts over a Redis, with or without a Label Studio."""
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


def test_many_corrections_ask_once(parts: Callable[..., AppState], redis_url: str) -> None:
    """While the job waits, further corrections are part of it."""
    page = parts(redis_url, "a token")
    for _ in range(3):
        enqueue_sync(page, SESSION)
    assert page.queue().jobs.status(job_ids.sync_corrections(SESSION)).state == "queued"
    assert len(page.queue().jobs.rq_queue("fast")) == 1


def test_without_label_studio_nobody_is_asked(
    parts: Callable[..., AppState], redis_url: str
) -> None:
    """A coach who works without Label Studio fills no queue."""
    page = parts(redis_url, "")
    enqueue_sync(page, SESSION)
    assert page.queue().jobs.status(job_ids.sync_corrections(SESSION)).state == "unknown"


def test_a_queue_that_is_away_costs_no_correction(
    parts: Callable[..., AppState], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The correction is kept already; the log says whose labels come later, and nothing raises."""
    page = parts(f"unix://{tmp_path}/none.sock", "a token")
    enqueue_sync(page, SESSION)
    (record,) = [one for one in caplog.records if one.name == "backend.coach.sessions.corrections"]
    assert record.levelname == "WARNING"
    assert SESSION in record.getMessage()
