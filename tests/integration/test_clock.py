import os
import subprocess
import sys
import threading
import time
from datetime import date, datetime, timedelta

import pytest

from pushoff.errors import BadInput, SettingWrong
from pushoff.queue import JobQueue, connect
from pushoff.queue.scheduler import Scheduler
from tests.conftest import ROOT, until
from tests.queue_jobs import queue


def test_a_date_is_done_once(jobs, redis_url):
    """Of many who ask with one project and date, one is told yes."""
    answers: list[bool] = []

    def ask() -> None:
        answers.append(queue(redis_url).once_per_date(1, date(2026, 11, 23)))

    threads = [threading.Thread(target=ask) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [False] * 11 + [True]
    assert jobs.once_per_date(1, date(2026, 11, 24)) and jobs.once_per_date(2, date(2026, 11, 23))


def test_two_clocks_ask_for_one_night(jobs, work, redis_url):
    """Two clocks on which the hour strikes ask for one signed job between them."""
    clocks = [Scheduler(queue(redis_url), "30 2 * * *") for _ in range(2)]
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
    clock = Scheduler(jobs, "30 2 * * *")
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

    clock = Scheduler(jobs, "30 2 * * *", ticks=[broken])
    clock.enqueue_jobs()
    clock.enqueue_jobs()
    assert called == [1] and jobs.running_job(9)
    with pytest.raises(SettingWrong, match="PUSHOFF_NIGHTLY"):
        Scheduler(jobs, "tomorrow")


@pytest.mark.parametrize("module", ["worker.main", "worker.scheduler"])
def test_the_processes_start_and_stop(module, redis_url, processes, tmp_path):
    """`python -m worker.main` and `worker.scheduler` report to Redis and exit with 0 on SIGTERM."""
    env = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PUSHOFF_REDIS_URL": redis_url,
        "PUSHOFF_JOB_SECRET": "k" * 32,
        "PUSHOFF_DATA_DIR": str(tmp_path),
    }
    command = [sys.executable, "-m", module]
    process = subprocess.Popen(command, cwd=tmp_path, env=env, stdout=subprocess.DEVNULL)
    processes.append(process)
    seen = JobQueue(connect(redis_url), "k" * 32)
    until(lambda: seen.workers() if module == "worker.main" else seen.clock_age_s(), 30)
    process.terminate()
    assert process.wait(10) == 0
