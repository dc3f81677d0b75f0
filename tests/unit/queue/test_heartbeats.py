"""Workers and the scheduler, as their reports show them."""

from pathlib import Path

from tests.conftest import until


def test_running_workers_are_listed(queue, start_worker):
    """A worker that runs is seen, without torch in its parent; when stopped it is gone."""
    assert queue.heartbeats.workers() == [] and queue.heartbeats.scheduler_age_s() is None
    worker = start_worker("fast")
    until(lambda: queue.heartbeats.workers(), 20)
    (seen,) = queue.heartbeats.workers()
    assert seen.queues == ("fast",) and seen.age_s < 10 and seen.pid == worker.pid
    assert "libtorch" not in Path(f"/proc/{worker.pid}/maps").read_text()
    worker.terminate()
    assert worker.wait(10) == 0
    assert queue.heartbeats.workers() == []
