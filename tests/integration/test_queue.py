import json
import os
import pickle
import subprocess
import sys
import threading
import time
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from pushoff.errors import BadInput, QueueUnavailable, SettingWrong, Superseded
from pushoff.queue import JOBS, JobQueue, RetrainRequest, connect
from pushoff.queue.clock import Clock
from pushoff.queue.worker import JobWorker
from tests.queue_jobs import SECRET, queue

ROOT = Path(__file__).parents[2]


@pytest.fixture
def jobs(redis_url) -> JobQueue:
    return queue(redis_url)


@pytest.fixture
def work(redis_url):
    """Run a real worker until both queues are empty."""

    def run() -> str:
        code = (
            "import os, sys; os.environ['QUEUE_JOBS_URL'] = sys.argv[1]\n"
            "from pushoff.queue.worker import JobWorker\n"
            "from tests.queue_jobs import queue\n"
            "JobWorker(queue(sys.argv[1]), ['fast', 'train']).work(burst=True)\n"
        )
        command = [sys.executable, "-c", code, redis_url]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    return run


def test_a_job_runs_reports_and_answers(jobs, work):
    """A job asked for by name is run in a process of its own; progress and answer come back."""
    job_id = jobs.enqueue("greet", name="Ana")
    assert jobs.status(job_id).state == "queued"
    work()
    heard = []
    status = jobs.wait(job_id, heard.append)
    assert status.state == "finished" and status.done and status.error is None
    assert status.result == {"hello": "Ana", "heavy": False}
    assert heard == [{"stage": "greeting", "done": 1}]
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


# -- signed jobs ------------------------------------------------------------------------------


def _attack(jobs: JobQueue, job_id: str, data: bytes, **fields: str) -> None:
    """Write a job into Redis by hand, as someone who got into Redis would."""
    values = {"data": data, "origin": "fast", "status": "queued", "timeout": 60, **fields}
    jobs.connection.hset(f"rq:job:{job_id}", mapping=values)
    jobs.connection.rpush("rq:queue:fast", job_id)


def test_jobs_that_are_not_ours_never_run(jobs, work, tmp_path):
    """Unsigned, tampered, foreign and callback-carrying jobs fail; the canary stays away."""
    canary = tmp_path / "canary"
    shell = ["os.system", None, [f"touch {canary}"], {}]
    good = ["tests.queue_jobs.greet", None, [], {"name": "x"}]
    ours, theirs = jobs.serializer, queue(_url(jobs), "another key").serializer
    touch = ["pathlib.Path.touch", None, [str(canary)], {}]
    attacks = {
        "unsigned": (json.dumps(shell).encode(), {}),
        "pickled": (pickle.dumps(tuple(shell)), {}),
        "otherkey": (theirs.dumps(shell), {}),
        "tampered": (ours.dumps(good).replace(b"tests.queue_jobs.greet", b"os.system"), {}),
        "foreign": (ours.dumps(shell), {}),
        "path": (ours.dumps(touch), {}),
        "instance": (ours.dumps([good[0], "text", [], {}]), {}),
        "success": (ours.dumps(good), {"success_callback_name": "tests.evil.canary"}),
        "failure": (ours.dumps(shell), {"failure_callback_name": "os.system"}),
        "stopped": (ours.dumps(good), {"stopped_callback_name": "os.system"}),
        "webhooks": (
            ours.dumps(good),
            {"webhooks": '[{"url": "http://127.0.0.1:9/", "job_status": "failed"}]'},
        ),
    }
    for job_id, (data, fields) in attacks.items():
        _attack(jobs, job_id, data, retries_left="3", **fields)
    honest = jobs.enqueue("greet")
    work()
    states = {job_id: jobs.status(job_id).state for job_id in attacks}
    assert states == dict.fromkeys(attacks, "failed")
    assert "not signed" in jobs.status("unsigned").error
    assert "not on the list" in jobs.status("foreign").error
    assert "callbacks" in jobs.status("success").error
    assert not canary.exists()
    assert jobs.status(honest).state == "finished"


def _url(jobs: JobQueue) -> str:
    return "unix://" + jobs.connection.connection_pool.connection_kwargs["path"]


def test_the_product_allows_its_own_jobs_only():
    """The list of what a worker may run is four functions of the worker."""
    assert set(JOBS) >= {"ingest", "retrain", "publish", "nightly"}
    assert all(name.startswith("worker.") for name in JOBS.values())


def test_the_key_changes_while_jobs_wait(redis_url, work):
    """A job signed with the old key still runs after a new key was put before it."""
    old = queue(redis_url, SECRET).enqueue("greet", name="old")
    newer = queue(redis_url, (SECRET, "the key before"))
    older = queue(redis_url, "the key before").enqueue("greet", name="older")
    assert newer.status(older).state == "queued"
    job = newer.job_class.fetch(older, connection=newer.connection, serializer=newer.serializer)
    assert job.kwargs == {"name": "older"}
    work()  # knows SECRET only
    assert newer.status(old).state == "finished"
    assert newer.status(older).state == "failed"


# -- one retrain, one follow-up ----------------------------------------------------------------


def test_a_storm_of_events_is_one_run_and_one_follow_up(jobs, work, redis_url):
    """400 events from 16 threads before a run make one; 400 during it make one more, no third."""
    _storm(redis_url)
    assert len(jobs.queue("train").job_ids) == 1
    job_id = jobs.connection.lpop("rq:queue:train").decode()  # this test plays the first run
    jobs.connection.hset(f"rq:job:{job_id}", "status", "started")
    run, generation = jobs.begin_run(7)
    assert (run, generation) == (1, 400)
    assert set(_storm(redis_url)) == {RetrainRequest(job_id, already_running=True)}
    assert jobs.finish_run(7, run, generation)
    assert not jobs.finish_run(7, run, generation)  # once is enough
    assert len(jobs.queue("train").job_ids) == 1
    work()
    assert jobs.connection.lrange("runs:7", 0, -1) == [b"2:800"]
    assert jobs.running_job(7) is None
    assert jobs.sweep() == []


def _storm(url: str) -> list[RetrainRequest]:
    requests: list[RetrainRequest] = []

    def send() -> None:
        mine = queue(url)
        for _ in range(25):
            requests.append(mine.request_retrain(7, "annotation created"))
        mine.connection.close()

    threads = [threading.Thread(target=send) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(requests) == 400
    return requests


def test_no_event_is_lost_between_a_run_and_its_end(jobs, redis_url, processes):
    """With events at any moment of real runs, the last run answers for the last event."""
    _worker(processes, redis_url)
    for _ in range(30):
        jobs.request_retrain(3, "annotation created")
        time.sleep(0.06)
    _until(lambda: jobs.running_job(3) is None, 30)
    runs = [row.decode().split(":") for row in jobs.connection.lrange("runs:3", 0, -1)]
    assert runs[-1][1] == "30"
    assert [int(run) for run, _ in runs] == list(range(1, len(runs) + 1))
    assert len(runs) <= 8


def test_projects_do_not_wait_for_each_other(jobs, work):
    """Each project has a slot of its own."""
    for project in (1, 2, 3):
        assert not jobs.request_retrain(project, "button").already_running
    work()
    assert all(jobs.connection.llen(f"runs:{project}") == 1 for project in (1, 2, 3))


def test_a_retrain_waits_for_quiet_but_not_for_ever(jobs):
    """Further labels put a waiting run off, up to six delays; a person's wish brings it forward."""
    registry = jobs.queue("train").scheduled_job_registry
    asked = time.time()
    first = jobs.request_retrain(5, "label", delay_s=100)
    assert jobs.queue("train").job_ids == [] and jobs.running_job(5) == first.job_id

    def due_s() -> float:
        return jobs.connection.zscore(registry.key, first.job_id) - asked

    assert due_s() == pytest.approx(100, abs=3)
    jobs.connection.hset("pushoff:slot:5", "asked", asked - 650)
    assert jobs.request_retrain(5, "label", delay_s=100) == first
    assert due_s() == pytest.approx(-50, abs=3)
    jobs.request_retrain(5, "button", delay_s=0)
    assert jobs.queue("train").release_due() == 1
    assert jobs.queue("train").release_due() == 0
    assert jobs.queue("train").job_ids == [first.job_id]


def test_a_dead_slot_is_taken_over(jobs):
    """A slot whose job is gone or has failed does not keep a project from training."""
    first = jobs.request_retrain(4, "label")
    jobs.connection.delete(f"rq:job:{first.job_id}")
    second = jobs.request_retrain(4, "label")
    assert second.job_id != first.job_id
    jobs.connection.hset(f"rq:job:{second.job_id}", "status", "failed")
    third = jobs.request_retrain(4, "label")
    assert third.job_id not in (first.job_id, second.job_id)


def test_the_sweep_finds_what_was_forgotten(jobs):
    """Labels without a run get one; a failed run is not repeated until labels change again."""
    jobs.mark_dirty(6, "reconciled")
    assert jobs.sweep() == [6]
    assert jobs.sweep() == []
    jobs.begin_run(6)
    job_id = jobs.request_retrain(6, "label").job_id
    jobs.begin_run(6)
    holder = jobs.connection.hget("pushoff:slot:6", "job").decode()
    jobs.connection.hset(f"rq:job:{holder}", "status", "failed")
    assert jobs.sweep() == []
    jobs.mark_dirty(6, "reconciled")
    assert jobs.sweep() == [6]
    assert jobs.running_job(6) not in (None, job_id, holder)


def test_labels_are_counted_until_a_run_begins(jobs):
    """New labels add up, and begin again from nothing with each run."""
    assert jobs.labels_since_run(1) == 0
    assert jobs.note_labels(1, 5) == 5
    assert jobs.note_labels(1, 2) == 7
    jobs.begin_run(1)
    assert jobs.labels_since_run(1) == 0


def test_only_the_newest_run_may_commit(jobs):
    """A run that was overtaken is told so at the fence and at the commit, and ends nothing."""
    old, old_generation = jobs.begin_run(1)
    jobs.check_fence(1, old)
    new, new_generation = jobs.begin_run(1)
    assert new > old
    with pytest.raises(Superseded, match="overtaken by run 2"):
        jobs.check_fence(1, old)
    with pytest.raises(Superseded), jobs.commit_lock(1, old):
        pytest.fail("an old run was let in")
    with jobs.commit_lock(1, new):
        assert jobs.connection.exists("pushoff:commit:1")
    assert not jobs.connection.exists("pushoff:commit:1")
    jobs.mark_dirty(1, "label")
    assert not jobs.finish_run(1, old, old_generation)
    assert jobs.finish_run(1, new, new_generation)


def test_commits_of_one_project_are_one_at_a_time(redis_url):
    """While one promotes, another waits."""
    run = queue(redis_url).begin_run(1)[0]
    inside: list[int] = []
    most: list[int] = []

    def promote() -> None:
        with queue(redis_url).commit_lock(1, run):
            inside.append(1)
            most.append(len(inside))
            time.sleep(0.03)
            inside.pop()

    threads = [threading.Thread(target=promote) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 6


def test_publishing_is_asked_for_once(jobs):
    """Wishes to publish that wait are one job; a running one is followed by one more."""
    first = jobs.ask_publish(1, "promoted")
    assert jobs.ask_publish(1, "new frames") == first
    assert jobs.ask_publish(2, "promoted") != first
    jobs.connection.hset(f"rq:job:{first}", "status", "started")
    second = jobs.ask_publish(1, "promoted")
    assert second != first and jobs.ask_publish(1, "again") == second


# -- the clock ---------------------------------------------------------------------------------


def test_a_date_is_done_once(jobs):
    """Of many who ask with one project and date, one is told yes."""
    answers: list[bool] = []

    def ask() -> None:
        answers.append(queue(_url(jobs)).once_per_date(1, date(2026, 11, 23)))

    threads = [threading.Thread(target=ask) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [False] * 11 + [True]
    assert jobs.once_per_date(1, date(2026, 11, 24)) and jobs.once_per_date(2, date(2026, 11, 23))


def test_two_clocks_ask_for_one_night(jobs, work):
    """Two clocks on which the hour strikes ask for one signed job between them."""
    clocks = [Clock(queue(_url(jobs)), "30 2 * * *") for _ in range(2)]
    for clock in clocks:
        (nightly,) = clock.get_jobs()
        nightly.next_enqueue_time = datetime.now().astimezone() - timedelta(seconds=1)
        assert len(clock.enqueue_jobs()) == 1
        assert clock.calculate_sleep_interval() <= 30
    (job_id,) = jobs.queue("fast").job_ids
    assert jobs.clock_age_s() < 5
    work()
    assert jobs.status(job_id).state == "finished"


def test_a_night_missed_while_the_clock_was_down_is_made_up_for(jobs):
    """After downtime over the hour the night is asked for once; the first start misses nothing."""
    clock = Clock(jobs, "30 2 * * *")
    noon = datetime.now().replace(hour=12, minute=0)
    assert clock.catch_up(noon) is None  # the first start of all
    jobs.connection.set("pushoff:clock", time.time() - 3600)
    assert clock.catch_up(noon) is None  # it ticked an hour before noon
    jobs.connection.set("pushoff:clock", time.time() - 20 * 3600)
    assert clock.catch_up(noon) is not None
    assert clock.catch_up(noon) is None


def test_the_clock_sweeps_and_goes_on_when_a_tick_fails(jobs):
    """Every half minute forgotten labels are found, whatever else goes wrong."""
    jobs.mark_dirty(9, "webhook lost")
    called = []

    def broken() -> None:
        called.append(1)
        raise BadInput("Label Studio is confused")

    clock = Clock(jobs, "30 2 * * *", ticks=[broken])
    clock.enqueue_jobs()
    clock.enqueue_jobs()
    assert called == [1] and jobs.running_job(9)
    with pytest.raises(SettingWrong, match="PUSHOFF_NIGHTLY"):
        Clock(jobs, "tomorrow")


# -- who is there ------------------------------------------------------------------------------


def test_the_doctor_sees_workers(jobs, redis_url, processes):
    """A worker that runs is seen, without torch in its parent; when stopped it is gone."""
    assert jobs.workers() == [] and jobs.clock_age_s() is None
    worker = _worker(processes, redis_url, "fast")
    _until(lambda: jobs.workers(), 20)
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


def _worker(processes, url: str, *queues: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.queue_jobs", url, *queues]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL)
    processes.append(process)
    return process


def _until(condition, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.1)
