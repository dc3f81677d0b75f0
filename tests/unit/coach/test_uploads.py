"""Uploads from announcement to reading, killed anywhere, and given up for."""

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
LIMITS = UploadLimits(video_bytes=10**6, coach_bytes=10**6, spare_bytes=0)


class Desk:
    """The places an upload passes through."""

    def __init__(self, folder: Path, queue: JobQueue) -> None:
        self.database = Database(f"sqlite:///{folder / 'coach.db'}")
        self.storage = Storage(str(folder / "storage"))
        self.upload_staging = UploadStaging(folder / "uploads")
        self.jobs = queue
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
            queue or (lambda: self.jobs),
            session.session_id,
        )

    def state(self, session: CoachSession) -> State:
        return get_session(self.database, session.session_id).state


@pytest.fixture
def desk(tmp_path: Path, redis_url: str) -> Desk:
    from pushoff.queue import connect

    return Desk(tmp_path, JobQueue(connect(redis_url), "canary"))


def test_the_last_chapter_asks_for_the_reading(desk: Desk) -> None:
    """While a byte is missing nothing is asked; with the last one the video is asked for, once."""
    session = desk.begin(*CHAPTERS)
    desk.put(session, 1, b"two")
    desk.put(session, 0, b"one.")
    assert not desk.finish(session)
    assert desk.state(session) is State.UPLOADING
    desk.put(session, 0, b"one..")
    assert desk.finish(session)
    assert desk.finish(session)
    assert desk.state(session) is State.WAITING
    assert desk.jobs.status(job_ids.analyze_session(session.session_id)).state == "queued"
    read = [desk.storage.read(chapter_key(session.session_id, k)) for k in range(2)]
    assert read == [b"one..", b"two"]


def test_killed_between_moving_and_asking(desk: Desk) -> None:
    """Redis away, or a kill, after the files were moved: the next look finishes it."""
    session = desk.begin(*CHAPTERS)
    desk.put(session, 0, b"one..")
    desk.put(session, 1, b"two")

    def away() -> JobQueue:
        raise QueueUnavailable("not there")

    with pytest.raises(QueueUnavailable):
        desk.finish(session, away)
    assert desk.state(session) is State.UPLOADING
    assert desk.storage.read(chapter_key(session.session_id, 0)) == b"one.."
    finish_uploads(desk.database, desk.storage, desk.upload_staging, lambda: desk.jobs)
    assert desk.state(session) is State.WAITING


def test_a_session_that_is_further_stays_as_it_is(desk: Desk) -> None:
    """A late look at an upload never sends a session that was read back to waiting."""
    session = desk.begin(CHAPTERS[0])
    change_session(desk.database, session.session_id, state=State.READY)
    assert desk.finish(session)
    assert desk.state(session) is State.READY


def test_uploads_nothing_comes_of_are_given_up(desk: Desk) -> None:
    """After the days of the setting the session and its bytes are gone; newer ones stay; a folder
    of a session long finished goes too."""
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


def test_a_cancelled_upload_leaves_nothing(desk: Desk) -> None:
    """Chapters that were through already go too; a session that is read is not cancelled."""
    session = desk.begin(*CHAPTERS)
    desk.put(session, 0, b"one..")
    key = chapter_key(session.session_id, 0)
    desk.storage.take_file(key, desk.upload_staging.path(session.session_id, 0))
    assert received_bytes(desk.storage, desk.upload_staging, session.session_id, 0) == 5
    assert not desk.finish(session)
    cancel_upload(desk.database, desk.storage, desk.upload_staging, session.session_id)
    assert not desk.storage.list()
    assert not desk.upload_staging.sessions()
    read = desk.begin(CHAPTERS[0])
    change_session(desk.database, read.session_id, state=State.ANALYZING)
    with pytest.raises(BadInput, match="here already"):
        cancel_upload(desk.database, desk.storage, desk.upload_staging, read.session_id)


def test_limits_count_what_is_still_to_come(desk: Desk) -> None:
    """The quota holds announced videos too, and the disk is asked for all that will come."""
    desk.begin(Chapter("a.mp4", 900_000, 1))
    room = desk.upload_staging.free_bytes()
    with pytest.raises(BadInput, match=r"b.mp4 has .* are free: delete sessions"):
        desk.begin(Chapter("b.mp4", 200_000, 1))
    narrow = UploadLimits(10**18, 10**18, spare_bytes=0)
    with pytest.raises(BadInput, match="the disk here has room"):
        desk.begin(Chapter("c.mp4", room + 10**9, 1), limits=narrow)
    assert len(sessions_in_state(desk.database, State.UPLOADING)) == 1


def test_annotators_begin_nothing(desk: Desk) -> None:
    """An annotator's announcement makes no session and no folder."""
    desk.carla = Account(desk.carla.account_id, "anna", Role.ANNOTATOR)
    with pytest.raises(BadInput, match="Annotators"):
        desk.begin(CHAPTERS[0])
    assert not desk.upload_staging.sessions()
