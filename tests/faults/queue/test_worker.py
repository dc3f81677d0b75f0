"""Workers, jobs and Redis that are killed."""

import os
import signal
import time
from pathlib import Path

import psutil

from tests.conftest import until
from tests.queue_jobs import open_queue


def _attempt(folder: Path, number: int) -> tuple[int, int]:
    """The pids of an attempt's horse and of its parent, once it has begun."""
    note = folder / f"attempt-{number}"
    until(lambda: note.exists() and len(note.read_text().split()) == 2, 60)
    horse, parent = note.read_text().split()
    return int(horse), int(parent)


def test_the_job_of_a_killed_worker_dies_and_is_run_by_another(queue, start_worker, tmp_path):
    """kill -9 of a worker: its job is gone within 5 s and run again elsewhere within 60 s."""
    first = start_worker()
    job_id = queue.jobs.enqueue("slow", folder=str(tmp_path), seconds=300)
    horse, parent = _attempt(tmp_path, 0)
    assert parent == first.pid
    second = start_worker()
    until(lambda: len(queue.heartbeats.workers()) == 2, 20)
    first.kill()
    first.wait()
    gone_s = until(lambda: not psutil.pid_exists(horse), 5)
    killed = time.monotonic()
    _, parent = _attempt(tmp_path, 1)
    again_s = time.monotonic() - killed
    assert parent == second.pid
    status = queue.jobs.wait(job_id, timeout_s=10)
    assert (status.state, status.result) == ("finished", "attempt 1")
    print(f"horse gone after {gone_s:.2f} s, run again after {again_s:.1f} s")
    assert again_s < 60
    until(lambda: not queue.jobs.connection.llen("rq:queue:fast:intermediate"), 20)
    assert len(list(tmp_path.glob("attempt-*"))) == 2


def test_a_killed_job_is_retried_and_then_fails_as_killed(queue, start_worker, tmp_path):
    """kill -9 of a job's process: retried within 5 s, three times, then failed with a code."""
    worker = start_worker()
    job_id = queue.jobs.enqueue("slow", folder=str(tmp_path), seconds=300, once=False)
    for number in range(4):
        horse, parent = _attempt(tmp_path, number)
        assert parent == worker.pid
        os.kill(horse, signal.SIGKILL)
        if number < 3:
            until((tmp_path / f"attempt-{number + 1}").exists, 5)
    status = queue.jobs.wait(job_id, timeout_s=10)
    assert status.state == "failed"
    assert status.failure.code == "killed"
    assert "signal 9" in status.failure.message


def test_a_stopped_worker_gives_its_job_back(queue, start_worker, tmp_path):
    """SIGTERM ends a worker within 10 s; its job is queued again and keeps its retries."""
    worker = start_worker()
    job_id = queue.jobs.enqueue("slow", folder=str(tmp_path), seconds=300, retry=0)
    horse, _ = _attempt(tmp_path, 0)
    worker.terminate()
    assert worker.wait(10) == 0
    assert not psutil.pid_exists(horse)
    assert queue.jobs.status(job_id).state == "queued"
    start_worker()
    status = queue.jobs.wait(job_id, timeout_s=30)
    assert (status.state, status.result) == ("finished", "attempt 1")


def test_a_running_job_can_be_stopped(queue, start_worker, tmp_path):
    """Cancelling a running job kills it; it is not retried, and the worker goes on."""
    start_worker()
    job_id = queue.jobs.enqueue("slow", folder=str(tmp_path), seconds=300)
    horse, _ = _attempt(tmp_path, 0)
    assert queue.jobs.cancel(job_id)
    until(lambda: not psutil.pid_exists(horse), 5)
    assert queue.jobs.wait(job_id, timeout_s=10).state == "cancelled"
    assert queue.jobs.wait(queue.jobs.enqueue("greet"), timeout_s=10).state == "finished"


def test_a_restarted_redis_has_lost_no_request(own_redis, start_worker):
    """kill -9 of Redis: acknowledged requests are there again, and the worker reconnects."""
    queue = open_queue(own_redis.url)
    for _ in range(50):
        queue.retrain.request(1, "annotation created")
    waiting = queue.retrain.running_job(1)
    own_redis.kill()
    own_redis.start()
    queue = open_queue(own_redis.url)
    assert queue.retrain.running_job(1) == waiting and queue.jobs.rq_queue("train").job_ids == [
        waiting
    ]
    worker = start_worker(url=own_redis.url)
    assert queue.jobs.wait(waiting, timeout_s=30).state == "finished"
    assert queue.jobs.connection.lrange("runs:1", 0, -1) == [b"1:50"]
    own_redis.kill()
    own_redis.start()
    queue = open_queue(own_redis.url)
    job_id = queue.jobs.enqueue("greet")
    assert queue.jobs.wait(job_id, timeout_s=15).state == "finished"
    assert worker.poll() is None


def test_redis_killed_in_the_middle_of_a_job_does_not_lose_it(own_redis, start_worker, tmp_path):
    """While a job runs Redis is killed and comes back: the job ends well, the worker goes on."""
    queue = open_queue(own_redis.url)
    start_worker(url=own_redis.url)
    job_id = queue.jobs.enqueue("slow", folder=str(tmp_path), seconds=8)
    _attempt(tmp_path, 0)
    own_redis.kill()
    time.sleep(1)
    own_redis.start()
    assert open_queue(own_redis.url).jobs.wait(job_id, timeout_s=60).state == "finished"


def test_a_worker_that_was_frozen_commits_nothing_when_it_continues(queue, start_worker, tmp_path):
    """SIGSTOP of a worker in a run: another run commits; the first, continued, changes nothing."""
    start_worker()
    job_id = queue.retrain.request(1, str(tmp_path)).job_id
    horse, parent = _attempt(tmp_path, 0)
    for pid in (parent, horse):
        os.kill(pid, signal.SIGSTOP)
    start_worker()
    status = queue.jobs.wait(job_id, timeout_s=60)
    assert status.state == "finished"
    assert queue.jobs.connection.lrange("runs:1", 0, -1) == [b"2:1"]
    (tmp_path / "go").touch()
    os.kill(horse, signal.SIGCONT)
    time.sleep(1)
    os.kill(parent, signal.SIGCONT)
    until(lambda: not psutil.pid_exists(horse), 10)
    time.sleep(1)
    assert queue.jobs.connection.lrange("runs:1", 0, -1) == [b"2:1"]
    assert queue.jobs.status(job_id) == status
    assert queue.retrain.running_job(1) is None
