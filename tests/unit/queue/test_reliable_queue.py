"""A job that was taken from its queue is not lost."""

import time

from pushoff.queue.worker import JobWorker


def test_a_lost_job_is_requeued_once(queue):
    """A job that was taken and never started returns to its queue, once, after ten seconds."""
    job_id = queue.jobs.enqueue("greet")
    fast = queue.jobs.rq_queue("fast")
    queue.jobs.connection.lmove(fast.key, fast.intermediate_queue_key)
    worker = JobWorker(queue.jobs, ["fast"])
    worker.clean_registries()
    assert fast.job_ids == []
    queue.jobs.connection.set(f"pushoff:queue:not-started:{job_id}", time.time() - 11)
    worker.clean_registries()
    worker.clean_registries()
    assert fast.job_ids == [job_id]
    assert queue.jobs.connection.llen(fast.intermediate_queue_key) == 0
