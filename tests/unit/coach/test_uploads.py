"""pushoff/coach/uploads.py: from declaration to analysis, with kills at any point."""

import os
import time
from datetime import date
from pathlib import Path

import pytest

from pushoff.coach.accounts import Account, Role, add_account
from pushoff.coach.database import Database
from pushoff.coach.session_files import chapter_key
from pushoff.coach.session_queries import sessions_in_state
from pushoff.coach.sessions import (
    CoachSession,
    SessionDetails,
    State,
    change_session,
    get_session,
)
from pushoff.coach.upload_staging import Chapter, UploadStaging
from pushoff.coach.uploads import (
    DAY_S,
    UploadLimits,
    begin_uploads,
    cancel_upload,
    finish_upload,
    finish_uploads,
    prune_uploads,
    received_bytes,
)
from pushoff.errors import BadInput, NoSuchSession, QueueUnavailable
from pushoff.queue import JobQueue, job_ids
from pushoff.storage.object_store import Storage
from pushoff.values import Exercise

CHAPTERS = [Chapter("GH010001.MP4", 5, 1), Chapter("GH020001.MP4", 3, 2)]
LIMITS = UploadLimits(video_bytes=10**6, coach_bytes=10**6, reserved_bytes=0)


class Desk:
    """The places an upload passes through."""

    def __init__(self, folder: Path, queue: JobQueue) -> None:
        self.database = Database(f"sqlite:///{folder / 'coach.db'}")
        self.storage = Storage(str(folder / "storage"))
        self.upload_staging = UploadStaging(folder / "uploads")
        self.queue = queue
        self.carla = add_account(self.database, "carla", Role.COACH, "correct horse")

    def begin(
        self, *chapters: Chapter, limits: UploadLimits = LIMITS, **more: object
    ) -> CoachSession:
        total = sum(chapter.size_bytes for chapter in chapters)
        plain = {"athlete": "Ada", "exercise": Exercise.HOPS, "filmed_on": date(2026, 11, 1)}
        told = SessionDetails(
            **{**plain, "capture_fps": None, "filename": chapters[0].name, "size_bytes": total},
            **more,
        )
        (session,) = begin_uploads(
            self.database, self.upload_staging, self.carla, [(told, chapters)], limits
        )
        return session

    def put(self, session: CoachSession, number: int, data: bytes) -> None:
        self.upload_staging.path(session.session_id, number).write_bytes(data)

    def finish(self, session: CoachSession, queue: object = None) -> bool:
        return finish_upload(
            self.database,
            self.storage,
            self.upload_staging,
            queue or (lambda: self.queue),
            session.session_id,
        )

    def state(self, session: CoachSession) -> State:
        return get_session(self.database, session.session_id).state


@pytest.fixture
def desk(tmp_path: Path, redis_url: str) -> Desk:
    from pushoff.queue import connect

    return Desk(tmp_path, JobQueue(connect(redis_url), "canary"))


def test_the_last_chapter_requests_the_analysis(desk: Desk) -> None:
    """Nothing is requested while bytes are missing; then one job, once."""
    session = desk.begin(*CHAPTERS)
    desk.put(session, 1, b"two")
    desk.put(session, 0, b"one.")
    assert not desk.finish(session)
    assert desk.state(session) is State.UPLOADING
    desk.put(session, 0, b"one..")
    assert desk.finish(session)
    assert desk.finish(session)
    assert desk.state(session) is State.WAITING
    assert desk.queue.jobs.status(job_ids.analyze_session(session.session_id)).state == "queued"
    read = [desk.storage.read(chapter_key(session.session_id, k)) for k in range(2)]
    assert read == [b"one..", b"two"]


def test_finish_upload_recovers_from_a_kill_after_moving_files(desk: Desk) -> None:
    """Also when Redis is down; the next call completes it."""
    session = desk.begin(*CHAPTERS)
    desk.put(session, 0, b"one..")
    desk.put(session, 1, b"two")

    def away() -> JobQueue:
        raise QueueUnavailable("not there")

    with pytest.raises(QueueUnavailable):
        desk.finish(session, away)
    assert desk.state(session) is State.UPLOADING
    assert desk.storage.read(chapter_key(session.session_id, 0)) == b"one.."
    finish_uploads(desk.database, desk.storage, desk.upload_staging, lambda: desk.queue)
    assert desk.state(session) is State.WAITING


def test_finish_upload_keeps_a_later_state(desk: Desk) -> None:
    """An analysed session never goes back to waiting."""
    session = desk.begin(CHAPTERS[0])
    change_session(desk.database, session.session_id, state=State.READY)
    assert desk.finish(session)
    assert desk.state(session) is State.READY


def test_prune_uploads_deletes_old_uploads(desk: Desk) -> None:
    """Newer uploads stay; folders of sessions that are complete are deleted too."""
    old, done, new = (desk.begin(CHAPTERS[0]) for _ in range(3))
    for session in (old, done):
        desk.put(session, 0, b"on")
    change_session(desk.database, done.session_id, state=State.READY)
    long_ago = time.time() - 6 * DAY_S
    for session in (old, done):
        for path in desk.upload_staging.folder(session.session_id).iterdir():
            os.utime(path, (long_ago, long_ago))
    for _ in range(2):
        prune_uploads(desk.database, desk.storage, desk.upload_staging, days=5)
    assert desk.upload_staging.sessions() == [new.session_id]
    assert [one.session_id for one in sessions_in_state(desk.database, State.UPLOADING)] == [
        new.session_id
    ]
    with pytest.raises(NoSuchSession):
        get_session(desk.database, old.session_id)
    assert desk.state(done) is State.READY


def test_cancel_upload_deletes_everything(desk: Desk) -> None:
    """Including chapters in storage; a complete upload cannot be cancelled."""
    session = desk.begin(*CHAPTERS)
    desk.put(session, 0, b"one..")
    key = chapter_key(session.session_id, 0)
    desk.storage.take_file(key, desk.upload_staging.path(session.session_id, 0))
    assert received_bytes(desk.storage, desk.upload_staging, session.session_id, 0) == 5
    assert not desk.finish(session)
    cancel_upload(desk.database, desk.storage, desk.upload_staging, session.session_id)
    assert not desk.storage.list()
    assert not desk.upload_staging.sessions()
    analyzed = desk.begin(CHAPTERS[0])
    change_session(desk.database, analyzed.session_id, state=State.ANALYZING)
    with pytest.raises(BadInput) as refused:
        cancel_upload(desk.database, desk.storage, desk.upload_staging, analyzed.session_id)
    assert refused.value.code == "uploaded"


def test_limits_include_declared_bytes(desk: Desk) -> None:
    """Both the quota and the free disk space."""
    desk.begin(Chapter("a.mp4", 900_000, 1))
    free = desk.upload_staging.free_bytes()
    with pytest.raises(BadInput) as quota:
        desk.begin(Chapter("b.mp4", 200_000, 1))
    assert quota.value.code == "quota_exceeded"
    narrow = UploadLimits(10**18, 10**18, reserved_bytes=0)
    with pytest.raises(BadInput) as disk:
        desk.begin(Chapter("c.mp4", free + 10**9, 1), limits=narrow)
    assert disk.value.code == "disk_full"
    assert len(sessions_in_state(desk.database, State.UPLOADING)) == 1


def test_annotators_cannot_upload(desk: Desk) -> None:
    """No session and no folder is created."""
    desk.carla = Account(desk.carla.account_id, "anna", Role.ANNOTATOR)
    with pytest.raises(BadInput) as refused:
        desk.begin(CHAPTERS[0])
    assert refused.value.code == "not_allowed"
    assert not desk.upload_staging.sessions()
