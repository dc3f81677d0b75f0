"""pushoff/workflows/scheduled/report_failed_night.py: which nights failed."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, timedelta

import pytest
from rq.job import JobStatus as RqStatus
from rq.results import Result

from pushoff.errors import QueueUnavailable, TooFewLabels
from pushoff.queue.job_status import failure_of
from pushoff.services import Services, open_services
from pushoff.settings import Settings
from pushoff.workflows.results import NightlyResult, RequestedJob
from pushoff.workflows.scheduled.report_failed_night import report_failed_night

TODAY = date(2026, 11, 30)


@pytest.fixture
def services(redis_url, tmp_path) -> Iterator[Services]:
    """With a webhook, and a queue nobody works on."""
    settings = Settings(
        _env_file=None,
        data_dir=tmp_path,
        redis_url=redis_url,
        job_secret="k" * 32,
        notify_url="https://hook.example.org",
    )
    with open_services(settings) as opened:
        yield opened


def ended(services: Services, job_id: str, error: Exception | None, result: object = None) -> None:
    """As the worker would leave the job."""
    job = services.queue.jobs._fetch(job_id)
    services.queue.jobs.rq_queue("fast").remove(job)
    if error is None:
        job.set_status(RqStatus.FINISHED)
        Result.create(job, Result.Type.SUCCESSFUL, ttl=3600, return_value=result)
        return
    job.meta = {"failure": asdict(failure_of(error))}
    job.save_meta()
    job.set_status(RqStatus.FAILED)


def night(services: Services, *jobs: RequestedJob, day: date = TODAY) -> None:
    """A nightly job of that date that requested these jobs."""
    job_id = services.queue.request.nightly(day)
    result = NightlyResult((1,), deletions=0, uploads_pruned=0, jobs=jobs)
    ended(services, job_id, None, asdict(result))


def requested(services: Services) -> RequestedJob:
    """A publish of project 1."""
    return RequestedJob("publish", 1, services.queue.request.publish(1, "nightly"))


def notifications(services: Services) -> list[str]:
    ids = services.queue.jobs.rq_queue("fast").job_ids
    return [job_id for job_id in ids if job_id.startswith("notify-")]


def test_a_night_without_a_failure_is_not_told(services):
    """Nor one that still runs, nor one that never was."""
    assert report_failed_night(services, TODAY) == []
    job = requested(services)
    night(services, job)
    assert report_failed_night(services, TODAY) == []
    ended(services, job.job_id, None, {})
    assert report_failed_night(services, TODAY) == []
    assert notifications(services) == []


def test_a_failed_job_of_the_night_is_told_once(services):
    """However often the scheduler looks, today and tomorrow."""
    job = requested(services)
    night(services, job)
    ended(services, job.job_id, QueueUnavailable("away"))
    for day in (TODAY, TODAY, TODAY + timedelta(days=1)):
        assert report_failed_night(services, day) == [TODAY]
    assert len(notifications(services)) == 1
    assert report_failed_night(services, TODAY + timedelta(days=2)) == []


def test_a_nightly_job_that_failed_itself_is_told(services):
    """Although it requested nothing."""
    ended(services, services.queue.request.nightly(TODAY), RuntimeError("broken"))
    assert report_failed_night(services, TODAY) == [TODAY]


def test_missing_labels_are_no_failure(services):
    """A young project has too few every night."""
    job = requested(services)
    night(services, job)
    ended(services, job.job_id, TooFewLabels("too few"))
    assert report_failed_night(services, TODAY) == []


def test_without_a_setting_nothing_is_looked_up(tmp_path):
    """Not even Redis is asked."""
    settings = Settings(_env_file=None, data_dir=tmp_path, redis_url="unix:///nowhere/r.sock")
    with open_services(settings) as services:
        assert report_failed_night(services, TODAY) == []
