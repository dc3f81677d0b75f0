"""An upload from its announcement to the video being read; every step may be done again."""

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
"""Of the containers `pushoff.video.decoding.mp4_atoms` knows."""
MAX_CHAPTERS = 40
RESERVED_BYTES = 2**30
"""Left on the disk for the database, previews and logs."""
DAY_S = 24 * 3600


@dataclass(frozen=True)
class UploadLimits:
    """What one coach may send, bytes."""

    video_bytes: int
    coach_bytes: int
    spare_bytes: int = RESERVED_BYTES


def begin_uploads(
    database: Database,
    staging: UploadStaging,
    owner: Account,
    videos: Sequence[tuple[SessionDetails, Sequence[Chapter]]],
    limits: UploadLimits,
) -> list[CoachSession]:
    """A session waiting for its chapters for each video, or for none of them.

    Raises BadInput, in a sentence, before a byte comes. Callers begin one at a time.
    """
    for _, chapters in videos:
        check_files(chapters, limits)
    total = sum(details.size_bytes for details, _ in videos)
    told = f"{videos[0][0].filename} has" if len(videos) == 1 else f"{len(videos)} videos have"
    left = limits.coach_bytes - stored_bytes(database, owner.account_id)
    if total > left:
        raise BadInput(
            f"{told} {human_size(total)}, and {human_size(max(left, 0))} of your {human_size(limits.coach_bytes)} are "
            "free: delete sessions you no longer need."
        )
    room = staging.free_bytes() - limits.spare_bytes
    if total > room:
        raise BadInput(
            f"{told} {human_size(total)}, and the disk here has room for {human_size(max(room, 0))} more: tell "
            "whoever runs this service."
        )
    begun = []
    for details, chapters in videos:
        session = create_session(database, owner, details, consent=True)
        staging.declare(session.session_id, chapters)
        begun.append(session)
    return begun


def check_files(chapters: Sequence[Chapter], limits: UploadLimits) -> None:
    """Raises BadInput for what is not a video by its name, empty, or too large."""
    if not 1 <= len(chapters) <= MAX_CHAPTERS:
        raise BadInput(f"A video has 1 to {MAX_CHAPTERS} files, not {len(chapters)}.")
    for chapter in chapters:
        if chapter.name.rpartition(".")[2].lower() not in VIDEO_SUFFIXES or "." not in chapter.name:
            raise BadInput(
                f"{chapter.name} is not a video that can be read: MP4, MOV, MKV and AVI can."
            )
        if chapter.size_bytes < 1:
            raise BadInput(f"{chapter.name} is empty: copy it from the camera again.")
    total = sum(chapter.size_bytes for chapter in chapters)
    if total > limits.video_bytes:
        raise BadInput(
            f"{chapters[0].name} has {human_size(total)}, more than {human_size(limits.video_bytes)}: cut it to "
            "the exercise."
        )


def received_bytes(storage: Storage, staging: UploadStaging, session_id: str, number: int) -> int:
    """How much of an expected chapter is here, wherever it lies by now."""
    here = staging.staged_bytes(session_id, number)  # looked at first: it may move meanwhile
    if staging.is_done(session_id) or storage.exists(chapter_key(session_id, number)):
        return staging.declared(session_id)[number].size_bytes
    return here


def finish_upload(
    database: Database,
    storage: Storage,
    staging: UploadStaging,
    queue: Callable[[], JobQueue],
    session_id: str,
) -> bool:
    """Put what has come whole into storage; once all is there, ask for the video to be read.

    False while something is missing. Safe to run at any time, by several processes, and after
    a kill at any point. The video is safe before `queue` is opened.
    Raises NoSuchSession, StorageFailed, QueueUnavailable.
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
    # asked before it is noted: a kill in between leaves a session that is asked for once more,
    # never one that waits for a job nobody asked for
    queue().ask_analysis(session_id)
    mark_uploaded(database, session_id)
    staging.mark_done(session_id)
    return True


def finish_uploads(
    database: Database, storage: Storage, staging: UploadStaging, queue: Callable[[], JobQueue]
) -> None:
    """`finish_upload` for every session that has a folder here."""
    for session_id in staging.sessions():
        if not staging.is_done(session_id):
            try:
                finish_upload(database, storage, staging, queue, session_id)
            except NoSuchSession:
                staging.delete(session_id)


def cancel_upload(
    database: Database, storage: Storage, staging: UploadStaging, session_id: str
) -> None:
    """Forget a session that is still uploading, and what has come of it. Raises BadInput."""
    if get_session(database, session_id).state is not State.UPLOADING:
        raise BadInput("The video is here already: delete the session instead.")
    _forget(database, storage, staging, session_id)


def prune_uploads(
    database: Database,
    storage: Storage,
    staging: UploadStaging,
    days: int,
    now_s: float | None = None,
) -> int:
    """Forget uploads nothing has come of for `days`; returns how many. Safe to run twice."""
    now_s = time.time() if now_s is None else now_s
    swept = 0
    for session in sessions_in_state(database, State.UPLOADING):
        created_s = datetime.fromisoformat(session.created_at).timestamp()
        if now_s - (staging.last_modified_s(session.session_id) or created_s) > days * DAY_S:
            _forget(database, storage, staging, session.session_id)
            swept += 1
    alive = {session.session_id for session in sessions_in_state(database, State.UPLOADING)}
    for session_id in staging.sessions():
        touched_s = staging.last_modified_s(session_id)
        if session_id not in alive and now_s - (touched_s or 0) > DAY_S:
            staging.delete(session_id)
    if swept:
        log.info("%d uploads were given up for after %d days", swept, days)
    return swept


def human_size(size_bytes: int) -> str:
    """A size for people: `1.5 GiB`, `12 MiB`."""
    if size_bytes < 2**30:
        return f"{size_bytes / 2**20:.3g} MiB"
    return f"{size_bytes / 2**30:.3g} GiB"


def _forget(database: Database, storage: Storage, staging: UploadStaging, session_id: str) -> None:
    for number in range(len(staging.declared(session_id))):
        storage.delete(chapter_key(session_id, number))
    staging.delete(session_id)
    soft_delete(database, session_id)
    remove_session(database, session_id)
