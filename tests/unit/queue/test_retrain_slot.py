"""One retrain of each project, and one more after it."""

import threading
import time

import pytest

from pushoff.errors import Superseded
from pushoff.queue import RetrainRequest
from tests.conftest import until
from tests.queue_jobs import open_queue


def test_hundreds_of_requests_are_one_run_and_one_follow_up(queue, work, redis_url):
    """400 requests from 16 threads before a run make one; 400 during it make one more."""
    _request_from_threads(redis_url)
    assert len(queue.jobs.rq_queue("train").job_ids) == 1
    job_id = queue.jobs.connection.lpop("rq:queue:train").decode()  # this test plays the first run
    queue.jobs.connection.hset(f"rq:job:{job_id}", "status", "started")
    run, generation = queue.retrain.begin_run(7)
    assert (run, generation) == (1, 400)
    assert set(_request_from_threads(redis_url)) == {RetrainRequest(job_id, already_running=True)}
    assert queue.retrain.finish_run(7, run, generation)
    assert not queue.retrain.finish_run(7, run, generation)  # once is enough
    assert len(queue.jobs.rq_queue("train").job_ids) == 1
    work()
    assert queue.jobs.connection.lrange("runs:7", 0, -1) == [b"2:800"]
    assert queue.retrain.running_job(7) is None
    assert queue.retrain.sweep() == []


def _request_from_threads(url: str) -> list[RetrainRequest]:
    requests: list[RetrainRequest] = []

    def send() -> None:
        mine = open_queue(url)
        for _ in range(25):
            requests.append(mine.retrain.request(7, "annotation created"))
        mine.jobs.connection.close()

    threads = [threading.Thread(target=send) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(requests) == 400
    return requests


def test_no_request_is_lost_while_a_run_ends(queue, start_worker):
    """With requests at any moment of real runs, the last run handles the last request."""
    start_worker()
    for _ in range(30):
        queue.retrain.request(3, "annotation created")
        time.sleep(0.06)
    until(lambda: queue.retrain.running_job(3) is None, 30)
    runs = [row.decode().split(":") for row in queue.jobs.connection.lrange("runs:3", 0, -1)]
    assert runs[-1][1] == "30"
    assert [int(run) for run, _ in runs] == list(range(1, len(runs) + 1))
    assert len(runs) <= 8


def test_projects_do_not_wait_for_each_other(queue, work):
    """Each project has a slot of its own."""
    for project in (1, 2, 3):
        assert not queue.retrain.request(project, "button").already_running
    work()
    assert all(queue.jobs.connection.llen(f"runs:{project}") == 1 for project in (1, 2, 3))


def test_requests_delay_a_waiting_retrain_up_to_a_limit(queue):
    """Labels delay a waiting run, up to six delays; a person's request starts it now."""
    registry = queue.jobs.rq_queue("train").scheduled_job_registry
    asked = time.time()
    first = queue.retrain.request(5, "label", delay_s=100)
    assert (
        queue.jobs.rq_queue("train").job_ids == [] and queue.retrain.running_job(5) == first.job_id
    )

    def due_s() -> float:
        return queue.jobs.connection.zscore(registry.key, first.job_id) - asked

    assert due_s() == pytest.approx(100, abs=3)
    queue.jobs.connection.hset("pushoff:retrain:slot:5", "requested", asked - 650)
    assert queue.retrain.request(5, "label", delay_s=100) == first
    assert due_s() == pytest.approx(-50, abs=3)
    queue.retrain.request(5, "button", delay_s=0)
    assert queue.jobs.rq_queue("train").release_due() == 1
    assert queue.jobs.rq_queue("train").release_due() == 0
    assert queue.jobs.rq_queue("train").job_ids == [first.job_id]


def test_a_dead_slot_is_taken_over(queue):
    """A slot whose job is gone or has failed does not keep a project from training."""
    first = queue.retrain.request(4, "label")
    queue.jobs.connection.delete(f"rq:job:{first.job_id}")
    second = queue.retrain.request(4, "label")
    assert second.job_id != first.job_id
    queue.jobs.connection.hset(f"rq:job:{second.job_id}", "status", "failed")
    third = queue.retrain.request(4, "label")
    assert third.job_id not in (first.job_id, second.job_id)


def test_the_sweep_starts_due_projects(queue):
    """A due project gets a run; a failed run is repeated only after a new request."""
    queue.retrain.mark_due(6, "reconciled")
    assert queue.retrain.sweep() == [6]
    assert queue.retrain.sweep() == []
    queue.retrain.begin_run(6)
    job_id = queue.retrain.request(6, "label").job_id
    queue.retrain.begin_run(6)
    holder = queue.jobs.connection.hget("pushoff:retrain:slot:6", "job").decode()
    queue.jobs.connection.hset(f"rq:job:{holder}", "status", "failed")
    assert queue.retrain.sweep() == []
    queue.retrain.mark_due(6, "reconciled")
    assert queue.retrain.sweep() == [6]
    assert queue.retrain.running_job(6) not in (None, job_id, holder)


def test_only_the_newest_run_may_commit(queue):
    """A superseded run is refused at the check and at the commit, and ends nothing."""
    old, old_generation = queue.retrain.begin_run(1)
    queue.retrain.check_run(1, old)
    new, new_generation = queue.retrain.begin_run(1)
    assert new > old
    with pytest.raises(Superseded, match="superseded by run 2"):
        queue.retrain.check_run(1, old)
    with pytest.raises(Superseded), queue.retrain.commit_lock(1, old):
        pytest.fail("an old run was let in")
    with queue.retrain.commit_lock(1, new):
        assert queue.jobs.connection.exists("pushoff:lock:commit")
    assert not queue.jobs.connection.exists("pushoff:lock:commit")
    queue.retrain.mark_due(1, "label")
    assert not queue.retrain.finish_run(1, old, old_generation)
    assert queue.retrain.finish_run(1, new, new_generation)


def test_one_commit_at_a_time(redis_url):
    """While one promotes, another waits, of the same project or not: there is one champion."""
    runs = {
        project_id: open_queue(redis_url).retrain.begin_run(project_id)[0] for project_id in (1, 2)
    }
    inside: list[int] = []
    most: list[int] = []

    def promote(project_id: int) -> None:
        with open_queue(redis_url).retrain.commit_lock(project_id, runs[project_id]):
            inside.append(1)
            most.append(len(inside))
            time.sleep(0.03)
            inside.pop()

    threads = [threading.Thread(target=promote, args=(1 + number % 2,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 6
