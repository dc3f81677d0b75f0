"""Jobs that are requested often and needed once."""

import threading
from datetime import date

from tests.queue_jobs import open_queue


def test_waiting_publishes_are_one_job(queue):
    """Requests while a publish waits are one job; a running one is followed by one more."""
    first = queue.request.publish(1, "promoted")
    assert queue.request.publish(1, "new frames") == first
    assert queue.request.publish(2, "promoted") != first
    queue.jobs.connection.hset(f"rq:job:{first}", "status", "started")
    second = queue.request.publish(1, "promoted")
    assert second != first and queue.request.publish(1, "again") == second


def test_an_assessment_exists_once(queue):
    """Requests while one waits or runs get that one; another project has its own."""
    first = queue.request.assess_labels(1, "nightly")
    assert queue.request.assess_labels(1, "command line") == first
    assert queue.request.assess_labels(2, "nightly") != first


def test_a_dates_nightly_job_is_enqueued_once(queue, redis_url):
    """Of twelve concurrent requests for one date, one gets a job; another date gets its own."""
    job_ids: list[str | None] = []

    def request() -> None:
        job_ids.append(open_queue(redis_url).request.nightly(date(2026, 11, 23)))

    threads = [threading.Thread(target=request) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (job_id,) = [job_id for job_id in job_ids if job_id]
    assert queue.jobs.rq_queue("fast").job_ids == [job_id]
    assert queue.request.nightly(date(2026, 11, 24))
