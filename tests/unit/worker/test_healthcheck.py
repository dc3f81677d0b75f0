"""The health check of the containers: the exit status says whether a process reports."""

import time

import pytest

from worker.healthcheck import SCHEDULER_S, main


@pytest.fixture(autouse=True)
def environment(redis_url, tmp_path, monkeypatch) -> None:
    """Settings of the test's own Redis; the secret is that of `tests.queue_jobs`."""
    from tests.queue_jobs import SECRET

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PUSHOFF_REDIS_URL", redis_url)
    monkeypatch.setenv("PUSHOFF_JOB_SECRET", SECRET)
    monkeypatch.setenv("PUSHOFF_DATA_DIR", str(tmp_path))


def test_the_scheduler_is_alive_while_it_reports(queue):
    """Before its first report, and when the last one is too old, the status is 1."""
    assert main(["scheduler"]) == 1
    queue.heartbeats.report_scheduler(time.time())
    assert main(["scheduler"]) == 0
    queue.heartbeats.report_scheduler(time.time() - SCHEDULER_S - 1)
    assert main(["scheduler"]) == 1


def test_a_worker_is_alive_for_its_own_queue(queue, start_worker):
    """A worker of `fast` says nothing about `train`."""
    from tests.conftest import until

    assert main(["fast"]) == 1
    start_worker("fast")
    until(lambda: main(["fast"]) == 0, 30)
    assert main(["train"]) == 1


@pytest.mark.parametrize("arguments", [[], ["clock"], ["fast", "train"]])
def test_wrong_usage_has_a_status_of_its_own(arguments, capsys):
    """Wrong arguments are 2, with the usage."""
    assert main(arguments) == 2
    assert "usage" in capsys.readouterr().err


def test_a_redis_that_is_away_is_not_healthy(monkeypatch, capsys):
    """Without Redis the status is 1, with the reason."""
    monkeypatch.setenv("PUSHOFF_REDIS_URL", "redis://127.0.0.1:1/0")
    assert main(["scheduler"]) == 1
    assert capsys.readouterr().err
