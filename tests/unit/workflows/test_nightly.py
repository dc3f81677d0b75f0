"""What the nightly job requests and deletes, with Label Studio and without."""

import os
import time
from collections.abc import Iterator
from datetime import date

import pytest
from rq.job import JobStatus

from pushoff.coach.accounts import Role, add_account
from pushoff.coach.review.checks import mark_checked
from pushoff.coach.session_queries import sessions_in_state
from pushoff.coach.sessions import (
    SessionDetails,
    State,
    change_session,
    create_session,
)
from pushoff.coach.upload_staging import Chapter
from pushoff.services import Services, open_services
from pushoff.settings import Settings
from pushoff.values import Exercise
from pushoff.workflows.nightly import enqueue_learning, nightly
from pushoff.workflows.results import NightlyResult
from tests.unit.studio.serving import connected_to, serve

BACKEND = "http://backend:9090"


def test_without_label_studio_old_uploads_are_still_given_up(tmp_path, monkeypatch):
    """A service for coaches alone: nothing is retrained, and broken-off uploads go."""
    for name in [name for name in os.environ if name.startswith("PUSHOFF_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PUSHOFF_DATA_DIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    with open_services() as services:
        coach = add_account(services.database, "carla", Role.COACH, "correct horse")
        told = SessionDetails("Ada", Exercise.HOPS, date(2026, 11, 1), None, "a.mp4", 5)
        session = create_session(services.database, coach, told, consent=True)
        services.upload_staging.declare(session.session_id, [Chapter("a.mp4", 5, 1)])
        long_ago = time.time() - 6 * 24 * 3600
        for path in services.upload_staging.folder(session.session_id).iterdir():
            os.utime(path, (long_ago, long_ago))
        assert nightly(services) == NightlyResult((), deletions=0, uploads_pruned=1)
        assert nightly(services) == NightlyResult((), deletions=0, uploads_pruned=0)
        assert not sessions_in_state(services.database, State.UPLOADING)


@pytest.fixture
def services(redis_url, tmp_path) -> Iterator[Services]:
    """With a Label Studio whose projects 3 and 8 are connected."""
    with serve(connected_to(BACKEND, 3, 8)) as server:
        settings = Settings(
            _env_file=None,
            data_dir=tmp_path,
            redis_url=redis_url,
            job_secret="k" * 32,
            label_studio_url=server.url,
            label_studio_token="0" * 40,
            backend_url=BACKEND,
            weights="none",
        )
        with open_services(settings) as opened:
            yield opened


def test_every_project_is_retrained_published_and_assessed_once(services):
    """Run twice in one night there is still one waiting job of each kind for each project."""
    results = [nightly(services), nightly(services)]
    jobs = services.queue.jobs
    waiting = [*jobs.rq_queue("fast").jobs, *jobs.rq_queue("train").jobs]
    assert [result.projects for result in results] == [(3, 8), (3, 8)]
    assert results[0].jobs == results[1].jobs
    assert sorted(job.job_id for job in results[0].jobs) == sorted(job.id for job in waiting)
    requested = sorted(
        (job.func_name.rpartition(".")[2], job.kwargs["project_id"]) for job in waiting
    )
    assert requested == [
        (name, project) for name in ("assess_labels", "publish", "retrain") for project in (3, 8)
    ]


def test_a_retrain_that_runs_already_is_told_apart(services):
    """Its decision is on labels that it read before; the one that follows is not waited for."""
    queue = services.queue
    running = queue.retrain.request(3, "200 new labels").job_id
    queue.jobs.rq_queue("train").fetch_job(running).set_status(JobStatus.STARTED)
    jobs = {(job.name, job.project_id): job for job in nightly(services).jobs}
    assert jobs["retrain", 3].job_id == running
    assert [jobs["retrain", project].already_running for project in (3, 8)] == [True, False]


def test_checked_sessions_are_learnt_from_and_earlier_analyses_renewed(services):
    """Only where there are some."""
    coach = add_account(services.database, "carla", Role.COACH, "correct horse")
    details = SessionDetails("Ada", Exercise.HOPS, date(2026, 11, 1), None, "a.mp4", 5)
    session_id = create_session(services.database, coach, details, consent=True).session_id
    queue = services.queue.jobs.rq_queue("fast")

    def requested() -> set[str]:
        enqueue_learning(services)
        return {job.func_name.rpartition(".")[2] for job in queue.jobs}

    assert requested() == set()
    change_session(services.database, session_id, state=State.READY)
    assert requested() == {"refresh_analyses"}
    mark_checked(services.database, session_id, coach)
    assert requested() == {"learn_from_sessions", "refresh_analyses"}
