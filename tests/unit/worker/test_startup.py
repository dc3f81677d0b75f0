"""The start of the worker and scheduler processes."""

import os
import threading
import time

import pytest

from pushoff.errors import QueueUnavailable, SettingWrong
from pushoff.services import Services
from pushoff.settings import Settings
from worker import startup
from worker.startup import restrict_file_access, wait_for_queue


def test_the_queue_is_there_as_soon_as_redis_is(own_redis, tmp_path, monkeypatch):
    """A Redis that starts a moment later is waited for."""
    monkeypatch.chdir(tmp_path)
    own_redis.kill()
    services = Services(Settings(data_dir=tmp_path, redis_url=own_redis.url, job_secret="k" * 32))
    later = threading.Timer(1, own_redis.start)
    later.start()
    queue = wait_for_queue(services)
    later.join()
    assert queue.jobs.status("none").state == "unknown"
    services.close()


def test_a_redis_that_stays_away_is_an_error(tmp_path, monkeypatch):
    """The wait has an end."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(startup, "REDIS_START_S", 0)
    settings = Settings(data_dir=tmp_path, redis_url="redis://127.0.0.1:1/0", job_secret="k" * 32)
    with pytest.raises(QueueUnavailable) as caught:
        wait_for_queue(Services(settings))
    assert caught.value.code == "unreachable"


def test_a_missing_secret_is_an_error_at_once(redis_url, tmp_path, monkeypatch):
    """What waiting cannot mend is not waited for."""
    monkeypatch.chdir(tmp_path)
    started = time.monotonic()
    with pytest.raises(SettingWrong) as caught:
        wait_for_queue(Services(Settings(data_dir=tmp_path, redis_url=redis_url)))
    assert caught.value.code == "missing_secret" and time.monotonic() - started < 5


def test_new_files_are_closed_to_others(tmp_path):
    """The group may read them, nobody else."""
    before = os.umask(0)
    try:
        restrict_file_access()
        (tmp_path / "file").touch()
    finally:
        os.umask(before)
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o640
