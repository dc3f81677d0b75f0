"""All parts of the queue over one connection."""

from pushoff.queue import connect
from pushoff.queue.job_queue import JobQueue
from tests.queue_jobs import JOBS, SECRET


def test_the_parts_share_connection_jobs_and_time_limit(redis_url):
    """A job that one part requests is seen by the others; labels are counted apart."""
    queue = JobQueue(connect(redis_url), SECRET, functions=JOBS, timeout_s=7)
    job_id = queue.request.publish(1, "test")
    assert queue.jobs.status(job_id).state == "queued"
    job = queue.jobs.job_class.fetch(
        job_id, connection=queue.jobs.connection, serializer=queue.jobs.serializer
    )
    assert job.timeout == 7
    assert queue.retrain_labels is not queue.refit_labels
    assert queue.heartbeats.workers() == []
