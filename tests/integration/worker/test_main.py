"""The processes `worker.main` and `worker.scheduler`."""

import os
import subprocess
import sys

import pytest

from pushoff.queue import JobQueue, connect
from tests.conftest import ROOT, until


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
    heartbeats = JobQueue(connect(redis_url), "k" * 32).heartbeats
    reported = heartbeats.workers if module == "worker.main" else heartbeats.scheduler_age_s
    until(lambda: reported() not in ([], None), 30)
    process.terminate()
    assert process.wait(10) == 0
