"""A process that runs until it is stopped."""

import os
import signal
import threading
import time
from collections.abc import Iterator

import pytest

from pushoff.errors import QueueUnavailable
from pushoff.queue import JobQueue, reconnect
from pushoff.queue.reconnect import run_until_stopped
from pushoff.queue.worker import JobWorker


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """The signal handlers of pytest are there again after each test."""
    numbers = (signal.SIGTERM, signal.SIGINT)
    before = [signal.getsignal(number) for number in numbers]
    yield
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)


def test_it_ends_when_the_work_is_done():
    """`serve` is called again until it returns True."""
    answers = iter([False, False, True])
    run_until_stopped(lambda stopped: next(answers), pause_s=0)
    assert next(answers, None) is None


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_at_once(number):
    """A signal during a long pause ends the process, not only the pause's end."""

    def serve(stopped: threading.Event) -> bool:
        os.kill(os.getpid(), number)
        return False

    started = time.monotonic()
    run_until_stopped(serve, pause_s=60)
    assert time.monotonic() - started < 5


def test_it_goes_on_when_redis_is_back(monkeypatch):
    """An error of Redis is retried after a short wait, however long the usual pause is."""
    monkeypatch.setattr(reconnect, "RECONNECT_S", 0.01)
    calls = []

    def serve(stopped: threading.Event) -> bool:
        calls.append(1)
        if len(calls) < 3:
            raise QueueUnavailable("Redis does not answer")
        return True

    run_until_stopped(serve, pause_s=60)
    assert len(calls) == 3


def test_a_worker_stopped_while_it_starts_takes_no_job(queue: JobQueue):
    """SIGTERM before RQ has installed its own handlers is not lost."""
    job_id = queue.jobs.enqueue("greet")
    stopped = threading.Event()
    stopped.set()
    JobWorker(queue.jobs, ["fast"], stopped).work(logging_level=None)
    assert queue.jobs.status(job_id).state == "queued"
    assert not queue.heartbeats.workers()
