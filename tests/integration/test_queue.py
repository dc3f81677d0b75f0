import time
from pathlib import Path

import pytest

from pushoff.errors import BadInput, QueueUnavailable
from pushoff.queue import connect
from pushoff.queue.worker import JobWorker
from pushoff.util.progress import Progress
from tests.conftest import until
from tests.queue_jobs import queue


def test_a_job_runs_reports_and_answers(jobs, work):
    """A job asked for by name is run in a process of its own; progress and answer come back."""
    job_id = jobs.enqueue("greet", name="Ana")
    assert jobs.status(job_id).state == "queued"
    work()
    heard = []
    status = jobs.wait(job_id, heard.append)
    assert status.state == "finished" and status.done and status.error is None
    assert status.result == {"hello": "Ana", "heavy": False}
    assert heard == [Progress("greeting", 1)]
    assert jobs.status("never-asked").state == "unknown"


def test_a_job_id_in_use_is_not_asked_twice(jobs):
    """The same id asked for again while it waits is one job; an unknown name is refused."""
    for _ in range(3):
        assert jobs.enqueue("greet", job_id="once") == "once"
    assert jobs.queue("fast").job_ids == ["once"]
    with pytest.raises(BadInput, match=r"'os\.system' is not a job"):
        jobs.enqueue("os.system")


def test_failures_are_told_in_one_line(jobs, work, tmp_path):
    """A failed job says why, without traceback; what cannot be helped is not tried again."""
    hopeless = jobs.enqueue("fail", folder=str(_in(tmp_path, "a")), kind="hopeless")
    unlucky = jobs.enqueue("fail", folder=str(_in(tmp_path, "b")), kind="bug", retry=2)
    late = jobs.enqueue("fail", folder=str(_in(tmp_path, "c")), kind="busy", timeout_s=1)
    upstream = jobs.enqueue("fail", folder=str(_in(tmp_path, "d")), kind="upstream")
    work()
    status = jobs.status(hopeless)
    assert status.state == "failed"
    assert status.error == "3 labels are there, 40 are needed: label 37 more"
    assert len(list((tmp_path / "a").iterdir())) == 1
    assert jobs.status(unlucky).error == "no luck"
    assert len(list((tmp_path / "b").iterdir())) == 3
    assert "maximum timeout" in jobs.status(late).error
    assert len(list((tmp_path / "c").iterdir())) == 1
    assert jobs.status(upstream).state == "queued"  # waits ten seconds before the next try
    assert upstream in jobs.queue("fast").scheduled_job_registry.get_job_ids()


def _in(folder, name):
    (folder / name).mkdir()
    return folder / name


def test_a_waiting_job_can_be_taken_back(jobs, work):
    """A cancelled job does not run and says so."""
    job_id = jobs.enqueue("greet")
    assert jobs.cancel(job_id)
    work()
    assert jobs.status(job_id).state == "cancelled"
    assert not jobs.cancel(job_id)


def test_the_doctor_sees_workers(jobs, start_worker):
    """A worker that runs is seen, without torch in its parent; when stopped it is gone."""
    assert jobs.workers() == [] and jobs.clock_age_s() is None
    worker = start_worker("fast")
    until(lambda: jobs.workers(), 20)
    (seen,) = jobs.workers()
    assert seen.queues == ("fast",) and seen.heard_s < 10 and seen.pid == worker.pid
    assert "libtorch" not in Path(f"/proc/{worker.pid}/maps").read_text()
    worker.terminate()
    assert worker.wait(10) == 0
    assert jobs.workers() == []


def test_lost_and_abandoned_jobs_are_put_back(jobs):
    """A job that was taken and never started returns to its queue, once, after ten seconds."""
    job_id = jobs.enqueue("greet")
    fast = jobs.queue("fast")
    jobs.connection.lmove(fast.key, fast.intermediate_queue_key)
    worker = JobWorker(jobs, ["fast"])
    worker.clean_registries()
    assert fast.job_ids == []
    jobs.connection.set(f"pushoff:lost:{job_id}", time.time() - 11)
    worker.clean_registries()
    worker.clean_registries()
    assert fast.job_ids == [job_id]
    assert jobs.connection.llen(fast.intermediate_queue_key) == 0


def test_redis_that_goes_away_is_said_in_words(own_redis):
    """When Redis stops answering every call raises QueueUnavailable."""
    jobs = queue(own_redis.url)
    own_redis.kill()
    for call in (
        lambda: jobs.enqueue("greet"),
        lambda: jobs.status("x"),
        lambda: jobs.mark_dirty(1, "x"),
        lambda: jobs.request_retrain(1, "x"),
        lambda: connect(own_redis.url),
    ):
        with pytest.raises(QueueUnavailable, match="does not answer"):
            call()


def test_a_redis_that_refuses_says_what_to_change(own_redis):
    """Used-up memory and a wrong password are told apart, each with its remedy."""
    jobs = queue(own_redis.url)
    jobs.connection.config_set("maxmemory", "1")
    with pytest.raises(QueueUnavailable, match="memory is used up"):
        jobs.enqueue("greet")
    jobs.connection.config_set("maxmemory", "0")
    jobs.connection.config_set("requirepass", "open sesame")
    with pytest.raises(QueueUnavailable, match="refuses the password"):
        connect(own_redis.url)
