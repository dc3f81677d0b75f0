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
    """Report progress and return a greeting."""
    current_queue().jobs.report(Progress("greeting", 1))
    return {"hello": name, "heavy": "torch" in sys.modules}


def slow(folder: str, seconds: float, once: bool = True) -> str:
    """Write each attempt's pids and keep writing a file; quick at the second attempt if `once`."""
    directory = Path(folder)
    attempt = len(list(directory.glob("attempt-*")))
    (directory / f"attempt-{attempt}").write_text(f"{os.getpid()} {os.getppid()}")
    if once and attempt:
        return f"attempt {attempt}"
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        (directory / f"alive-{os.getpid()}").write_text(str(time.time()))
        time.sleep(0.1)
    return "slept"


def fail(folder: str, kind: str) -> None:
    """Record the attempt and raise."""
    directory = Path(folder)
    (directory / f"attempt-{len(list(directory.glob('attempt-*')))}").touch()
    if kind == "hopeless":
        raise TooFewLabels("3 labels are there, 40 are needed: label 37 more")
    if kind == "upstream":
        raise StudioUnreachable("Label Studio does not answer")
    if kind == "busy":
        while True:
            time.sleep(0.01)
    raise RuntimeError("no luck")


def retrain(project_id: int, reason: str) -> dict[str, object]:
    """A run that takes a moment and records its run number and generation.

    When `reason` is a folder, the first attempt writes its pids there and waits for a file `go`.
    """
    queue = current_queue()
    run, generation = queue.retrain.begin_run(project_id)
    directory = Path(reason)
    if directory.is_dir() and not list(directory.glob("attempt-*")):
        (directory / "attempt-0").write_text(f"{os.getpid()} {os.getppid()}")
        while not (directory / "go").exists():
            time.sleep(0.05)
    else:
        time.sleep(0.5)
    with queue.retrain.commit_lock(project_id, run):
        queue.jobs.connection.rpush(f"runs:{project_id}", f"{run}:{generation}")
    return {"more": queue.retrain.finish_run(project_id, run, generation), "reason": reason}


def main(url: str, *queues: str) -> None:
    """Run a worker; with `--burst` until the queues are empty."""
    from pushoff.queue.worker import JobWorker, run_worker

    logging.basicConfig(level=logging.INFO, stream=sys.stdout)
    os.environ["QUEUE_JOBS_URL"] = url
    if "--burst" in queues:
        JobWorker(open_queue(url).jobs, ["fast", "train"]).work(burst=True)
    else:
        run_worker(open_queue(url).jobs, queues or ["fast", "train"])


if __name__ == "__main__":
    main(*sys.argv[1:])
