"""Jobs for the queue's tests, and a worker that may run them: `python -m tests.queue_jobs URL`.

Each job writes into a folder it is given, for the test to look at.
"""

import logging
import os
import sys
import time
from pathlib import Path

from pushoff.errors import StudioUnreachable, TooFewLabels
from pushoff.queue import JobQueue, connect
from pushoff.util.progress import Progress

SECRET = "a secret of the tests"

JOBS = {
    "greet": "tests.queue_jobs.greet",
    "slow": "tests.queue_jobs.slow",
    "fail": "tests.queue_jobs.fail",
    "retrain": "tests.queue_jobs.retrain",
    "publish": "tests.queue_jobs.greet",
    "assess_labels": "tests.queue_jobs.greet",
    "nightly": "tests.queue_jobs.greet",
}


def open_queue(url: str, secret: str | tuple[str, ...] = SECRET) -> JobQueue:
    """A queue over the tests' allow-list."""
    return JobQueue(connect(url), secret, functions=JOBS)


def current_queue() -> JobQueue:
    """The queue of the worker this job runs in."""
    return open_queue(os.environ["QUEUE_JOBS_URL"])


def greet(name: str = "you", **_: object) -> dict[str, object]:
    """Report and answer."""
    current_queue().jobs.report(Progress("greeting", 1))
    return {"hello": name, "heavy": "torch" in sys.modules}


def slow(folder: str, seconds: float, once: bool = True) -> str:
    """Note each attempt's pid and go on touching a file; quick on the second attempt if `once`."""
    place = Path(folder)
    attempt = len(list(place.glob("attempt-*")))
    (place / f"attempt-{attempt}").write_text(f"{os.getpid()} {os.getppid()}")
    if once and attempt:
        return f"attempt {attempt}"
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        (place / f"alive-{os.getpid()}").write_text(str(time.time()))
        time.sleep(0.1)
    return "slept"


def fail(folder: str, kind: str) -> None:
    """Note the attempt and raise."""
    place = Path(folder)
    (place / f"attempt-{len(list(place.glob('attempt-*')))}").touch()
    if kind == "hopeless":
        raise TooFewLabels("3 labels are there, 40 are needed: label 37 more")
    if kind == "upstream":
        raise StudioUnreachable("Label Studio does not answer")
    if kind == "busy":
        while True:
            time.sleep(0.01)
    raise RuntimeError("no luck")


def retrain(project_id: int, reason: str) -> dict[str, object]:
    """A run that takes a moment and tells what it answered for.

    When `reason` is a folder the first attempt notes its pids there and waits for a file `go`.
    """
    queue = current_queue()
    run, generation = queue.retrain.begin_run(project_id)
    place = Path(reason)
    if place.is_dir() and not list(place.glob("attempt-*")):
        (place / "attempt-0").write_text(f"{os.getpid()} {os.getppid()}")
        while not (place / "go").exists():
            time.sleep(0.05)
    else:
        time.sleep(0.5)
    with queue.retrain.commit_lock(project_id, run):
        queue.jobs.connection.rpush(f"runs:{project_id}", f"{run}:{generation}")
    return {"more": queue.retrain.finish_run(project_id, run, generation), "reason": reason}


def main(url: str, *queues: str) -> None:
    """Be a worker; with `--burst` until the queues are empty."""
    from pushoff.queue.worker import JobWorker, run_worker

    logging.basicConfig(level=logging.INFO, stream=sys.stdout)
    os.environ["QUEUE_JOBS_URL"] = url
    if "--burst" in queues:
        JobWorker(open_queue(url).jobs, ["fast", "train"]).work(burst=True)
    else:
        run_worker(open_queue(url).jobs, queues or ["fast", "train"])


if __name__ == "__main__":
    main(*sys.argv[1:])
