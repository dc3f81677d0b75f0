"""Old predictions go step by step."""

from datetime import UTC, datetime, timedelta

import pytest

from pushoff.queue.locks import redis_lock
from pushoff.workflows.scheduled.prune_predictions import LOOK_EVERY_S, PredictionPruner
from tests.unit.studio.prediction_studio import PROJECT, PredictionStudio
from tests.unit.workflows.long_queue import services_of

LARGE, SMALL, SHOWN = "v1.aaaaaa", "v2.bbbbbb", "v3.cccccc"


class Clock:
    """Seconds that pass as the test says: one at each look."""

    def __init__(self, step_s: float = 1.0) -> None:
        self.now_s, self.step_s = 0.0, step_s

    def __call__(self) -> float:
        self.now_s += self.step_s
        return self.now_s


@pytest.fixture
def studio():
    """A large and a small publication of this morning, and the one that is shown."""
    studio = PredictionStudio(list(range(1, 301)))
    now = datetime.now(UTC)
    for hours, version, tasks in ((5, LARGE, 300), (4, SMALL, 60), (3, SHOWN, 300)):
        studio.now = now - timedelta(hours=hours)
        studio.push(version, *studio.tasks[:tasks])
    studio.project["model_version"] = SHOWN
    return studio


@pytest.fixture
def services(studio, redis_url, tmp_path):
    with services_of(studio, redis_url, tmp_path) as opened:
        yield opened


def test_a_tick_deletes_a_part_and_the_next_goes_on(studio, services):
    """Small versions first, then large ones task by task, as far as the time goes."""
    pruner = PredictionPruner(services, budget_s=30, clock=Clock())
    deleted = [pruner.tick()]
    assert not studio.tasks_of(SMALL)
    assert 0 < len(studio.tasks_of(LARGE)) < 300
    while studio.tasks_of(LARGE):
        deleted.append(pruner.tick())
        assert deleted[-1]
    assert sum(deleted) == 360
    assert studio.tasks_of(SHOWN) == studio.tasks


def test_after_all_is_deleted_label_studio_is_left_alone(studio, services):
    """For some minutes, not for ever."""
    clock = Clock(0.0)
    pruner = PredictionPruner(services, clock=clock)
    pruner.tick()
    studio.asked.clear()
    assert pruner.tick() == 0
    assert studio.asked == ["GET /api/webhooks"]
    studio.now = datetime.now(UTC) - timedelta(hours=2.5)
    studio.push(LARGE, 1, 2)
    studio.now += timedelta(minutes=1)
    studio.push(SHOWN, 1)
    clock.now_s += LOOK_EVERY_S
    assert pruner.tick() == 2


def test_what_was_replaced_just_now_stays(studio, services):
    """Somebody may have it on the screen, and could not submit."""
    for prediction in studio.predictions:
        prediction["created_at"] = datetime.now(UTC).isoformat()
    assert PredictionPruner(services, clock=Clock(0.0)).tick() == 0
    assert len(studio.tasks_of(LARGE)) == 300


def test_while_a_publish_runs_nothing_is_deleted(studio, services):
    """It is tried again at the next tick."""
    pruner = PredictionPruner(services, clock=Clock(0.0))
    connection = services.queue.jobs.connection
    with redis_lock(connection, f"publish:{PROJECT}", ttl_s=60, wait_s=1):
        assert pruner.tick() == 0
    assert pruner.tick() == 360
