"""An upload, from its declaration to the request for analysis. Every step can be repeated."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from pushoff.coach.accounts import Account
from pushoff.coach.database import Database
from pushoff.coach.deletion import remove_session, soft_delete
from pushoff.coach.session_files import chapter_key
from pushoff.coach.session_queries import sessions_in_state
from pushoff.coach.sessions import (
    CoachSession,
    SessionDetails,
    State,
    create_session,
    get_session,
    mark_uploaded,
    stored_bytes,
)
from pushoff.coach.upload_staging import Chapter, UploadStaging
from pushoff.errors import BadInput, NoSuchSession
from pushoff.queue import JobQueue
from pushoff.storage.object_store import Storage

log = logging.getLogger(__name__)

VIDEO_SUFFIXES = ("mp4", "m4v", "mov", "mkv", "webm", "avi")
"""Of the containers that `pushoff.video.decoding.mp4_atoms` accepts."""
MAX_CHAPTERS = 40
RESERVED_BYTES = 2**30
"""Disk space that uploads leave free for the database, previews and logs."""
DAY_S = 24 * 3600


@dataclass(frozen=True)
class UploadLimits:
    """What one coach may upload, in bytes."""

    video_bytes: int
    coach_bytes: int
    reserved_bytes: int = RESERVED_BYTES


def begin_uploads(
    database: Database,
    staging: UploadStaging,
    owner: Account,
    videos: Sequence[tuple[SessionDetails, Sequence[Chapter]]],
    limits: UploadLimits,
) -> list[CoachSession]:
    """Create a session for each video, or none if one of them is refused.

    Raises BadInput before any bytes are sent. The caller must not run two of these at once: both
    would get the last free bytes.
    """
    for _, chapters in videos:
        check_files(chapters, limits)
    total = sum(details.size_bytes for details, _ in videos)
    name = (
        f"{videos[0][0].filename} needs" if len(videos) == 1 else f"The {len(videos)} videos need"
    )
    free = limits.coach_bytes - stored_bytes(database, owner.account_id)
    if total > free:
        raise BadInput(
            f"{name} {human_size(total)}, but only {human_size(max(free, 0))} of your "
            f"{human_size(limits.coach_bytes)} is free: delete sessions you no longer need.",
            code="quota_exceeded",
        )
    disk = staging.free_bytes() - limits.reserved_bytes
    if total > disk:
        raise BadInput(
            f"{name} {human_size(total)}, but the server's disk has only "
            f"{human_size(max(disk, 0))} free: contact the operator.",
            code="disk_full",
        )
    sessions = []
    for details, chapters in videos:
        session = create_session(database, owner, details, consent=True)
        staging.declare(session.session_id, chapters)
        sessions.append(session)
    return sessions


def check_files(chapters: Sequence[Chapter], limits: UploadLimits) -> None:
    """Raise BadInput for a file that is not a video by its name, is empty, or is too large."""
    if not 1 <= len(chapters) <= MAX_CHAPTERS:
        raise BadInput(
            f"A video can consist of at most {MAX_CHAPTERS} files; you chose {len(chapters)}.",
            code="too_many_chapters",
        )
    for chapter in chapters:
        if chapter.name.rpartition(".")[2].lower() not in VIDEO_SUFFIXES or "." not in chapter.name:
            raise BadInput(
                f"{chapter.name} is not a supported video: choose an MP4, MOV, MKV, WebM or AVI "
                "file.",
                code="unsupported_file",
            )
        if chapter.size_bytes < 1:
            raise BadInput(
                f"{chapter.name} is empty: copy it from the camera again.", code="empty_file"
            )
    total = sum(chapter.size_bytes for chapter in chapters)
    if total > limits.video_bytes:
        raise BadInput(
            f"{chapters[0].name} is {human_size(total)}; the limit is "
            f"{human_size(limits.video_bytes)}. Trim it to the exercise.",
            code="video_too_large",
        )


def received_bytes(storage: Storage, staging: UploadStaging, session_id: str, number: int) -> int:
    """Bytes of a declared chapter that the server has, in the staging folder or in storage."""
    staged = staging.staged_bytes(session_id, number)  # first: it may move to storage meanwhile
    if staging.is_done(session_id) or storage.exists(chapter_key(session_id, number)):
        return staging.declared(session_id)[number].size_bytes
    return staged


def finish_upload(
    database: Database,
    storage: Storage,
    staging: UploadStaging,
    queue: Callable[[], JobQueue],
    session_id: str,
) -> bool:
    """Move a complete upload to storage and request its analysis; False if bytes are missing.

    Safe to run at any time, by several processes, and after a kill at any point. The video is in
    storage before `queue` is opened. Raises NoSuchSession, StorageFailed, QueueUnavailable.
    """
    session = get_session(database, session_id)
    if session.state is not State.UPLOADING:
        staging.mark_done(session_id)
        return True
    chapters = staging.declared(session_id)
    if not chapters:
        return False
    for number, chapter in enumerate(chapters):
        if received_bytes(storage, staging, session_id, number) != chapter.size_bytes:
            return False
    for number, chapter in enumerate(chapters):
        if staging.staged_bytes(session_id, number) == chapter.size_bytes:
            storage.take_file(chapter_key(session_id, number), staging.path(session_id, number))
    # The job comes before the state: a kill in between repeats the request. The other way round
    # the session would wait for a job that nobody requested.
    queue().request.analyze_session(session_id)
    mark_uploaded(database, session_id)
    staging.mark_done(session_id)
    return True


def finish_uploads(
    database: Database, storage: Storage, staging: UploadStaging, queue: Callable[[], JobQueue]
) -> None:
    """`finish_upload` for every session with a staging folder."""
    for session_id in staging.sessions():
        if not staging.is_done(session_id):
            try:
                finish_upload(database, storage, staging, queue, session_id)
            except NoSuchSession:
                staging.delete(session_id)


def cancel_upload(
    database: Database, storage: Storage, staging: UploadStaging, session_id: str
) -> None:
    """Delete a session that is still uploading, with the bytes received. Raises BadInput."""
    if get_session(database, session_id).state is not State.UPLOADING:
        raise BadInput("The upload is complete: delete the session instead.", code="uploaded")
    _delete(database, storage, staging, session_id)


def prune_uploads(
    database: Database,
    storage: Storage,
    staging: UploadStaging,
    days: int,
    now_s: float | None = None,
) -> int:
    """Delete uploads that received nothing for `days` days; returns how many."""
    now_s = time.time() if now_s is None else now_s
    deleted = 0
    for session in sessions_in_state(database, State.UPLOADING):
        created_s = datetime.fromisoformat(session.created_at).timestamp()
        if now_s - (staging.last_modified_s(session.session_id) or created_s) > days * DAY_S:
            _delete(database, storage, staging, session.session_id)
            deleted += 1
    unfinished = {session.session_id for session in sessions_in_state(database, State.UPLOADING)}
    for session_id in staging.sessions():
        modified_s = staging.last_modified_s(session_id)
        if session_id not in unfinished and now_s - (modified_s or 0) > DAY_S:
            staging.delete(session_id)
    if deleted:
        log.info("deleted %d uploads that were interrupted more than %d days ago", deleted, days)
    return deleted


def human_size(size_bytes: int) -> str:
    """A size for people: `1.5 GiB`, `12 MiB`."""
    if size_bytes < 2**30:
        return f"{size_bytes / 2**20:.3g} MiB"
    return f"{size_bytes / 2**30:.3g} GiB"


def _delete(database: Database, storage: Storage, staging: UploadStaging, session_id: str) -> None:
    for number in range(len(staging.declared(session_id))):
        storage.delete(chapter_key(session_id, number))
    staging.delete(session_id)
    soft_delete(database, session_id)
    remove_session(database, session_id)
