"""Tells when a job of the night failed; the scheduler runs it regularly."""

from datetime import date, timedelta

from pushoff.notify.message import Kind
from pushoff.queue.job_status import JobStatus
from pushoff.services import Services
from pushoff.workflows.results import NightlyResult, read_result
from pushoff.workflows.steps.request_notification import request_notification

NIGHTS = 2
"""Today's and yesterday's: a retrain may take until noon."""


def report_failed_night(services: Services, today: date | None = None) -> list[date]:
    """Request a notification for each of the last nights of which a job failed; returns them.

    Looked for from outside, so that a job that was killed counts, too. Labels that are not there
    yet are no failure. Safe to call at any time: a night is told of once. Raises QueueUnavailable.
    """
    if not services.settings.notifies:
        return []
    today = today or date.today()
    failed = [
        night
        for night in (today - timedelta(days=days) for days in range(NIGHTS))
        if _failed(services, night)
    ]
    for night in failed:
        request_notification(services, Kind.NIGHT_FAILED, night.isoformat())
    return failed


def _failed(services: Services, night: date) -> bool:
    queue = services.queue
    job_id = queue.request.nightly_of(night)
    if job_id is None:
        return False
    status = queue.jobs.status(job_id)
    if status.state != "finished":
        return _is_broken(status)
    requested = read_result(NightlyResult, status.result).jobs
    return any(_is_broken(queue.jobs.status(job.job_id)) for job in requested)


def _is_broken(status: JobStatus) -> bool:
    return status.state == "failed" and not (status.failure and status.failure.harmless)
