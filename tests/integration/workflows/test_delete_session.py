"""Delete everywhere: what goes, what stays, and that being killed changes nothing of it."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from pushoff.coach.correction_labels import unsynced
from pushoff.coach.corrections import Correction, record_correction
from pushoff.coach.deletion import pending_deletions, soft_delete
from pushoff.coach.sessions import get_session
from pushoff.errors import NoSuchSession, StorageFailed, Upstream
from pushoff.queue import job_ids
from pushoff.services import Services
from pushoff.storage.videos import media_key
from pushoff.workflows.delete_session import delete_session
from pushoff.workflows.nightly import enqueue_deletions, enqueue_syncs, nightly
from pushoff.workflows.results import NightlyResult
from pushoff.workflows.sync_corrections import sync_corrections
from tests.integration.coach_videos import account, coach_services, ready, video
from tests.unit.storage.test_deletion import Breaking


@pytest.fixture(scope="module")
def videos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of rendered drills."""
    return tmp_path_factory.mktemp("videos")


@pytest.fixture
def services(tmp_path: Path, redis_url: str) -> Iterator[Services]:
    """One machine without a Label Studio."""
    with coach_services(tmp_path / "data", redis_url) as opened:
        yield opened


def traces(services: Services, *names: str) -> list[str]:
    """Keys in storage that hold one of the ids."""
    return [key for key in services.storage.list() if any(name in key for name in names)]


def filled(services: Services, videos: Path, athlete: str = "Ada", seed: int = 1):
    """A ready session with a frame as ingest leaves it, and a correction."""
    session = ready(services, video(videos, seed), athlete)
    services.storage.write(media_key(session.video_id, 3), b"\xff\xd8\xff a frame")
    by = account(services)
    record_correction(services.database, session.session_id, by, Correction("add", 5))
    return session


def test_a_deleted_session_leaves_nothing(services, videos):
    """Video, frames, features, preview, reading and row go; another athlete's session stays."""
    gone, other = filled(services, videos), filled(services, videos, "Bea", 2)
    before = traces(services, other.session_id, other.video_id)
    soft_delete(services.database, gone.session_id)
    assert delete_session(services, gone.session_id).deleted
    assert traces(services, gone.session_id, gone.video_id) == []
    assert pending_deletions(services.database) == []
    assert traces(services, other.session_id, other.video_id) == before
    assert get_session(services.database, other.session_id) == other
    assert not delete_session(services, gone.session_id).deleted


def test_a_session_nobody_asked_to_delete_is_left_alone(services, videos):
    """A job asked for by mistake deletes nothing."""
    session = filled(services, videos)
    before = services.storage.list()
    assert not delete_session(services, session.session_id).deleted
    assert services.storage.list() == before


def test_a_video_that_another_session_has_stays_with_it(services, videos):
    """The first deletion leaves the shared video, the last one takes it."""
    first, second = filled(services, videos), filled(services, videos, "Ada again")
    assert first.video_id == second.video_id
    soft_delete(services.database, first.session_id)
    assert delete_session(services, first.session_id).video_kept
    assert traces(services, first.session_id) == []
    assert len(traces(services, second.session_id, second.video_id)) >= 6
    soft_delete(services.database, second.session_id)
    assert not delete_session(services, second.session_id).video_kept
    assert services.storage.list() == []


def test_killed_at_any_deletion_the_next_run_does_the_rest(services, videos):
    """The row goes last: a session half deleted is found and finished, wherever it broke."""
    sound = services.storage
    for number in itertools.count():
        session = filled(services, videos)
        soft_delete(services.database, session.session_id)
        vars(services)["storage"] = Breaking(sound.url, number)
        try:
            delete_session(services, session.session_id)
        except StorageFailed:
            vars(services)["storage"] = sound
            assert [one.session_id for one in pending_deletions(services.database)] == [
                session.session_id
            ]
            assert enqueue_deletions(services) == 1
            assert delete_session(services, session.session_id).deleted
            assert sound.list() == []
            continue
        assert number > 5
        return


def test_a_reading_that_waits_is_taken_back(services, videos):
    """Nothing reads the video again after it is deleted."""
    session = filled(services, videos)
    job_id = services.queue.request.analyze_session(session.session_id)
    soft_delete(services.database, session.session_id)
    delete_session(services, session.session_id)
    assert services.queue.jobs.status(job_id).state == "cancelled"
    with pytest.raises(NoSuchSession):
        get_session(services.database, session.session_id)


def test_retention_deletes_what_is_too_old(tmp_path, redis_url, videos):
    """Past the days of the setting a session is asked to be deleted; without it none ever is."""
    from sqlalchemy import update

    from pushoff.coach.database import SESSIONS

    with coach_services(tmp_path / "data", redis_url) as kept_for_ever:
        session = filled(kept_for_ever, videos)
        with kept_for_ever.database.writing() as connection:
            connection.execute(update(SESSIONS).values(created_at="2026-01-01T00:00:00.000Z"))
        assert enqueue_deletions(kept_for_ever) == 0
    with coach_services(tmp_path / "data", redis_url, retention_days=30) as services:
        assert enqueue_deletions(services) == 1
        job = services.queue.jobs.status(job_ids.delete_session(session.session_id))
        assert job.state == "queued"
        with pytest.raises(NoSuchSession):
            get_session(services.database, session.session_id)


def test_without_label_studio_corrections_wait(services, videos):
    """Nothing fails and nothing is lost: they are taught once there is one."""
    session = filled(services, videos)
    assert sync_corrections(services, session.session_id).labels is None
    assert unsynced(services.database) == [session.session_id]


def test_a_label_studio_that_is_down_has_the_job_tried_again(tmp_path, redis_url, videos):
    """An upstream error, which the worker retries; the corrections stay due for teaching."""
    with coach_services(
        tmp_path / "data",
        redis_url,
        label_studio_url="http://127.0.0.1:9",
        label_studio_token="0" * 40,
        project=1,
    ) as down:
        session = filled(down, videos)
        with pytest.raises(Upstream):
            sync_corrections(down, session.session_id)
        assert unsynced(down.database) == [session.session_id]
        enqueue_syncs(down)
        assert (
            down.queue.jobs.status(job_ids.sync_corrections(session.session_id)).state == "queued"
        )


@pytest.mark.parametrize("there", ["none", "down"])
def test_the_nightly_job_deletes_whatever_label_studio_does(tmp_path, redis_url, videos, there):
    """What was asked to be deleted is, without a Label Studio and with one that is down."""
    down = {"label_studio_url": "http://127.0.0.1:9", "label_studio_token": "0" * 40}
    more = down if there == "down" else {}
    with coach_services(tmp_path / "data", redis_url, **more) as services:
        session = filled(services, videos)
        soft_delete(services.database, session.session_id)
        if there == "down":
            with pytest.raises(Upstream):
                nightly(services)
        else:
            assert nightly(services) == NightlyResult((), deletions=1, uploads_pruned=0)
        assert (
            services.queue.jobs.status(job_ids.delete_session(session.session_id)).state == "queued"
        )
