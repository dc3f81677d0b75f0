import time
from pathlib import Path

import pytest

from pushoff.errors import BadInput, QueueUnavailable
from pushoff.queue import JobFailure, connect
from pushoff.queue.worker import JobWorker
from pushoff.util.progress import Progress
from tests.conftest import until
from tests.queue_jobs import open_queue


def test_a_job_runs_reports_and_answers(queue, work):
    """A job asked for by name is run in a process of its own; progress and answer come back."""
    job_id = queue.jobs.enqueue("greet", name="Ana")
    assert queue.jobs.status(job_id).state == "queued"
    work()
    heard = []
    status = queue.jobs.wait(job_id, heard.append)
    assert status.state == "finished" and status.done and status.error is None
    assert status.result == {"hello": "Ana", "heavy": False}
    assert heard == [Progress("greeting", 1)]
    assert queue.jobs.status("never-asked").state == "unknown"


def test_a_job_id_in_use_is_not_asked_twice(queue):
    """The same id asked for again while it waits is one job; an unknown name is refused."""
    for _ in range(3):
        assert queue.jobs.enqueue("greet", job_id="once") == "once"
    assert queue.jobs.rq_queue("fast").job_ids == ["once"]
    with pytest.raises(BadInput) as caught:
        queue.jobs.enqueue("os.system")
    assert caught.value.code == "unknown_job"


def test_failures_are_told_in_one_line(queue, work, tmp_path):
    """A failed job says why, without traceback; what cannot be helped is not tried again."""
    hopeless = queue.jobs.enqueue("fail", folder=str(_in(tmp_path, "a")), kind="hopeless")
    unlucky = queue.jobs.enqueue("fail", folder=str(_in(tmp_path, "b")), kind="bug", retry=2)
    late = queue.jobs.enqueue("fail", folder=str(_in(tmp_path, "c")), kind="busy", timeout_s=1)
    upstream = queue.jobs.enqueue("fail", folder=str(_in(tmp_path, "d")), kind="upstream")
    work()
    status = queue.jobs.status(hopeless)
    assert status.state == "failed"
    assert status.failure == JobFailure(
        "TooFewLabels", "3 labels are there, 40 are needed: label 37 more"
    )
    assert len(list((tmp_path / "a").iterdir())) == 1
    assert queue.jobs.status(unlucky).failure == JobFailure("RuntimeError", "no luck")
    assert len(list((tmp_path / "b").iterdir())) == 3
    assert queue.jobs.status(late).failure.code == "timeout"
    assert len(list((tmp_path / "c").iterdir())) == 1
    assert queue.jobs.status(upstream).state == "queued"  # waits ten seconds before the next try
    assert upstream in queue.jobs.rq_queue("fast").scheduled_job_registry.get_job_ids()


def _in(folder, name):
    (folder / name).mkdir()
    return folder / name


def test_a_waiting_job_can_be_taken_back(queue, work):
    """A cancelled job does not run and says so."""
    job_id = queue.jobs.enqueue("greet")
    assert queue.jobs.cancel(job_id)
    work()
    assert queue.jobs.status(job_id).state == "cancelled"
    assert not queue.jobs.cancel(job_id)


def test_the_doctor_sees_workers(queue, start_worker):
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


def test_lost_and_abandoned_jobs_are_put_back(queue):
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


def test_redis_that_goes_away_is_said_in_words(own_redis):
    """When Redis stops answering every call raises QueueUnavailable."""
    queue = open_queue(own_redis.url)
    own_redis.kill()
    for call in (
        lambda: queue.jobs.enqueue("greet"),
        lambda: queue.jobs.status("x"),
        lambda: queue.retrain.mark_due(1, "x"),
        lambda: queue.retrain.request(1, "x"),
        lambda: connect(own_redis.url),
    ):
        with pytest.raises(QueueUnavailable) as caught:
            call()
        assert caught.value.code == "unreachable"


def test_a_redis_that_refuses_says_what_to_change(own_redis):
    """Used-up memory and a wrong password are told apart, each with its remedy."""
    queue = open_queue(own_redis.url)
    queue.jobs.connection.config_set("maxmemory", "1")
    with pytest.raises(QueueUnavailable) as caught:
        queue.jobs.enqueue("greet")
    assert caught.value.code == "out_of_memory"
    queue.jobs.connection.config_set("maxmemory", "0")
    queue.jobs.connection.config_set("requirepass", "open sesame")
    with pytest.raises(QueueUnavailable) as caught:
        connect(own_redis.url)
    assert caught.value.code == "authentication"
