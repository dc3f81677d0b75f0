"""`pushoff nightly`, with a Label Studio of two projects and a stand-in for the workers."""

import threading
from collections.abc import Iterator
from dataclasses import asdict

import pytest
from rq.job import Job, JobStatus
from rq.results import Result

from pushoff.queue import JobQueue, connect
from pushoff.services import open_services
from pushoff.workflows.nightly import nightly
from pushoff.workflows.results import (
    AssessmentResult,
    NightlyResult,
    PublishResult,
    RequestedJob,
    RetrainResult,
    TrainingOutcome,
)
from sdk_scripts.nightly import describe_night
from tests.unit.studio.serving import connected_to, serve

BACKEND, SECRET = "http://backend:9090", "k" * 32


class Workers:
    """Runs the real nightly job; the jobs that it requests end at once with made-up results."""

    def __init__(self, redis_url: str) -> None:
        self.queue = JobQueue(connect(redis_url), SECRET)
        self.failing: set[int] = set()
        """Projects whose retrain fails."""
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._work)

    def __enter__(self) -> "Workers":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join()

    def _work(self) -> None:
        while not self._stopped.wait(0.02):
            for name in ("fast", "train"):
                rq_queue = self.queue.jobs.rq_queue(name)
                for job in rq_queue.jobs:
                    rq_queue.remove(job)
                    self._finish(job)

    def _finish(self, job: Job) -> None:
        kind, project_id = job.func_name.rpartition(".")[2], job.kwargs.get("project_id")
        if kind == "retrain" and project_id in self.failing:
            job.meta["failure"] = {"code": "full", "message": "the disk is full"}
            job.save_meta()
            job.set_status(JobStatus.FAILED)
            return
        if kind == "nightly":
            with open_services() as services:
                value = nightly(services)
        elif kind == "retrain":
            outcome = TrainingOutcome(decision="resnet18-v2-abcdef not promoted: no gain")
            value = RetrainResult(project_id, "nightly", 1, outcome)
        elif kind == "publish":
            value = PublishResult(project_id, "nightly", "resnet18-v1-abcdef", "hybrid", 9, 7, 2, 0)
        else:
            value = AssessmentResult(project_id, "nightly", 40, 1, "More labels are worth it.")
        Result.create(job, Result.Type.SUCCESSFUL, ttl=60, return_value=asdict(value))
        job.set_status(JobStatus.FINISHED)


@pytest.fixture
def workers(pushoff, redis_url, tmp_path, monkeypatch) -> Iterator[Workers]:
    """Workers of a service whose projects 3 and 8 are connected; after `pushoff`, which clears
    the environment."""
    with serve(connected_to(BACKEND, 3, 8)) as studio, Workers(redis_url) as workers:
        for name, value in {
            "REDIS_URL": redis_url,
            "JOB_SECRET": SECRET,
            "LABEL_STUDIO_URL": studio.url,
            "LABEL_STUDIO_TOKEN": "0" * 40,
            "BACKEND_URL": BACKEND,
            "WEIGHTS": "none",
            "DATA_DIR": str(tmp_path),
        }.items():
            monkeypatch.setenv(f"PUSHOFF_{name}", value)
        yield workers


def test_the_night_is_run_now_and_again(pushoff, workers):
    """A retrain, a publish and an assessment of each project, as often as a person asks."""
    for _ in range(2):
        done = pushoff("nightly")
        assert 0 == done.code
        first, second, cleaned_up = done.out.splitlines()
        assert first == "project 3: retrain, publish, assess_labels"
        assert second == "project 8: retrain, publish, assess_labels"
        assert cleaned_up.startswith("0 sessions to delete")


def test_a_person_may_wait_for_the_decisions(pushoff, workers):
    """One line for each job that was requested, after what was requested."""
    done = pushoff("nightly", "--wait")
    assert 0 == done.code
    decisions = dict(line.split(": ", 1) for line in done.out.splitlines()[3:])
    assert list(decisions) == [
        f"{name} {project_id}"
        for project_id in (3, 8)
        for name in ("retrain", "publish", "assess_labels")
    ]
    assert "not promoted" in decisions["retrain 3"]
    assert "7 of 9 unlabelled tasks" in decisions["publish 8"]
    assert "40 labels, 1 of them suspected" in decisions["assess_labels 8"]
    assert "`python -m worker.main train`" in done.err, "nobody would take the retrains"


def test_a_failed_job_does_not_hide_the_others(pushoff, workers):
    """Every job is waited for; the command fails at the end."""
    workers.failing = {3}
    done = pushoff("nightly", "--wait")
    assert 1 == done.code
    assert "retrain 3" in done.err and "the disk is full" in done.err
    assert "retrain 3" not in done.out and "retrain 8: " in done.out


def test_a_retrain_that_runs_already_is_named():
    """The night before has not ended, or somebody pressed Start Training."""
    jobs = (RequestedJob("retrain", 3, "a", already_running=True), RequestedJob("publish", 3, "b"))
    first, *_ = describe_night(NightlyResult((3,), deletions=0, uploads_pruned=0, jobs=jobs))
    assert first == "project 3: retrain (runs already; one more follows), publish"


def test_without_a_project_it_says_so():
    """A service for coaches alone still deletes what is due."""
    nothing, cleaned_up = describe_night(NightlyResult((), deletions=1, uploads_pruned=2))
    assert "no project is connected" in nothing
    assert cleaned_up.startswith("1 session to delete, 2 unfinished uploads deleted")
