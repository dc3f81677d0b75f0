"""The scheduler: one nightly job per date, and periodic tasks."""

import time
from collections.abc import Iterator
from datetime import date, datetime

import pytest

from pushoff.errors import BadInput, SettingWrong
from pushoff.queue.scheduler import Scheduler
from tests.queue_jobs import open_queue

HOUR_S = 3600
NIGHTLY = "30 2 * * *"


def noon_s() -> float:
    """The Unix time of noon today, local time."""
    return datetime.now().replace(hour=12, minute=0, second=0, microsecond=0).timestamp()


def test_two_schedulers_request_one_night(queue, work, redis_url):
    """Two schedulers that tick after the hour enqueue one signed job between them."""
    queue.heartbeats.report_scheduler(noon_s() - 10 * HOUR_S)
    schedulers = [Scheduler(open_queue(redis_url), NIGHTLY) for _ in range(2)]
    requested = [scheduler.tick(noon_s()) for scheduler in schedulers]
    (job_id,) = queue.jobs.rq_queue("fast").job_ids
    assert requested == [job_id, None]
    assert queue.heartbeats.scheduler_reported_s() == noon_s()
    work()
    assert queue.jobs.status(job_id).state == "finished"


def test_a_night_missed_while_no_scheduler_ran_is_made_up_for(queue):
    """After downtime over the hour the night is requested once; the first start misses nothing."""
    scheduler = Scheduler(queue, NIGHTLY)
    assert scheduler.tick(noon_s()) is None  # the very first start
    queue.heartbeats.report_scheduler(noon_s() - HOUR_S)
    assert scheduler.tick(noon_s()) is None  # it ran an hour before noon
    queue.heartbeats.report_scheduler(noon_s() - 20 * HOUR_S)
    assert scheduler.tick(noon_s()) is not None
    queue.heartbeats.report_scheduler(noon_s() - 20 * HOUR_S)
    assert scheduler.tick(noon_s()) is None


@pytest.mark.parametrize("seconds_before", [0.0, 0.5, 29.5])
def test_a_running_scheduler_requests_the_night_at_its_hour(queue, seconds_before):
    """The tick after 02:30 requests the job, wherever between two ticks the hour lies."""
    due_s = datetime.now().replace(hour=2, minute=30, second=0, microsecond=0).timestamp()
    queue.heartbeats.report_scheduler(due_s - 100)
    scheduler = Scheduler(queue, NIGHTLY)
    assert scheduler.tick(due_s - seconds_before) is None
    assert scheduler.tick(due_s - seconds_before + 30) is not None
    assert scheduler.tick(due_s - seconds_before + 60) is None


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Local time of a place that has summer time."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("night", "runs"),
    [(date(2026, 3, 29), 1), (date(2026, 10, 25), 1)],
    ids=["02:30 is left out", "02:30 comes twice"],
)
def test_a_night_of_a_time_change_runs_once(queue, berlin, night, runs):
    """When clocks change, the hour that is left out or comes twice makes one nightly job."""
    scheduler = Scheduler(queue, NIGHTLY)
    begin_s = datetime(night.year, night.month, night.day).timestamp()
    queue.heartbeats.report_scheduler(begin_s)
    requested = [scheduler.tick(begin_s + 300 * tick) for tick in range(72)]
    assert len([job_id for job_id in requested if job_id]) == runs


def test_the_scheduler_sweeps_and_goes_on_when_a_task_fails(queue):
    """Every tick finds labels without a run and calls every task, whatever fails."""
    queue.retrain.mark_due(9, "webhook lost")
    called = []

    def broken() -> None:
        called.append("broken")
        raise BadInput("Label Studio is confused")

    scheduler = Scheduler(queue, NIGHTLY, tasks=[broken, lambda: called.append("next")])
    scheduler.tick()
    assert called == ["broken", "next"] and queue.retrain.running_job(9)
    with pytest.raises(SettingWrong, match="PUSHOFF_NIGHTLY"):
        Scheduler(queue, "tomorrow")
