"""Jobs that are requested often and needed once."""

import threading
from datetime import date
from inspect import signature

import pytest
from rq.utils import import_attribute

from pushoff.queue import JOBS, JobQueue, connect, job_ids
from tests.queue_jobs import SECRET, open_queue


def test_waiting_publishes_are_one_job(queue):
    """Requests while a publish waits are one job; a running one is followed by one more."""
    first = queue.request.publish(1, "promoted")
    assert queue.request.publish(1, "new frames") == first
    assert queue.request.publish(2, "promoted") != first
    queue.jobs.connection.hset(f"rq:job:{first}", "status", "started")
    second = queue.request.publish(1, "promoted")
    assert second != first and queue.request.publish(1, "again") == second


def test_learning_and_new_analyses_wait_once(product_queue):
    """What is requested while one waits is its work, too."""
    request = product_queue.request
    assert request.learn_from_sessions("a") == request.learn_from_sessions("b")
    assert request.refresh_analyses() == request.refresh_analyses()
    assert len(product_queue.jobs.rq_queue("fast").job_ids) == 2


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


def test_a_nightly_job_by_hand_is_independent_of_the_dates(queue):
    """It runs although this date's job was requested, which still runs after it; once at a time."""
    today = date(2026, 11, 23)
    scheduled = queue.request.nightly(today)
    by_hand = queue.request.nightly_by_hand()
    assert by_hand == queue.request.nightly_by_hand()
    assert queue.request.nightly(today) is None
    assert queue.jobs.rq_queue("fast").job_ids == [scheduled, by_hand]


@pytest.fixture
def product_queue(redis_url) -> JobQueue:
    """A queue over the product's own jobs, which nobody works on."""
    return JobQueue(connect(redis_url), SECRET)


@pytest.mark.parametrize(
    "name", ["analyze_session", "sync_corrections", "delete_session", "ingest_video"]
)
def test_a_sessions_job_exists_once(product_queue, name):
    """While it waits, a request gets the job of that session or video by its known id."""
    request, known_id = getattr(product_queue.request, name), getattr(job_ids, name)
    assert request("a1b2") == request("a1b2") == known_id("a1b2")
    assert request("c3d4") == known_id("c3d4")
    assert len(product_queue.jobs.rq_queue("fast").job_ids) == 2


def test_every_request_fits_its_job(product_queue):
    """The arguments of each request are those of the function in `worker.jobs`."""
    request = product_queue.request
    requested = [
        request.publish(1, "test"),
        request.publish_rest(1, "test"),
        request.refit(1, "test"),
        request.assess_labels(1, "test"),
        request.learn_from_sessions("test"),
        request.refresh_analyses(),
        request.notify("model_promoted", "v1", "a1b2"),
        request.analyze_session("a1b2"),
        request.sync_corrections("a1b2"),
        request.delete_session("a1b2"),
        request.ingest_video("a1b2"),
        str(request.nightly(date(2026, 11, 23))),
        request.nightly_by_hand(),
        product_queue.retrain.request(1, "test").job_id,
    ]
    jobs = product_queue.jobs.job_class.fetch_many(
        requested,
        connection=product_queue.jobs.connection,
        serializer=product_queue.jobs.serializer,
    )
    for job in jobs:
        signature(import_attribute(job.func_name)).bind(*job.args, **job.kwargs)
    assert {job.func_name for job in jobs} == set(JOBS.values()) - {JOBS["render_clip"]}
