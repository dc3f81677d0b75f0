"""What a coach uploaded becomes one checked video, named by its content."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from pushoff.coach.session_files import chapter_key, folder
from pushoff.coach.session_queries import sessions_of_video
from pushoff.coach.sessions import CoachSession, change_session
from pushoff.errors import VideoProblem, VideoRefused
from pushoff.services import Services
from pushoff.storage.videos import add_video, is_stored, video_key
from pushoff.util.file_digest import sha256_of


@dataclass(frozen=True)
class StoredVideo:
    """A video in storage."""

    video_id: str
    sha256: str | None
    """Of the file, hex; None where it was not computed, because the video was stored before."""


def store_video(services: Services, session: CoachSession) -> StoredVideo:
    """Join the session's chapters, check the video and store it.

    The uploaded chapters are deleted once the video is stored. The file is hashed once. Safe to run
    again after a kill at any line: a session whose video is stored only has the video's details
    updated, because the coach may have changed the camera's rate. Raises VideoRefused for a video
    that cannot be decoded or an upload that is incomplete, StorageFailed.
    """
    from pushoff.video.decoding.probe import probe

    storage = services.storage
    keys = storage.list(f"{folder(session.session_id)}/chapters")
    if session.video_id is not None and storage.exists(video_key(session.video_id)):
        with storage.local_copy(video_key(session.video_id)) as path:
            _store(services, session, session.video_id, path, take=False)
        for key in keys:  # of a run that was killed before it deleted them
            storage.delete(key)
        return StoredVideo(session.video_id, None)
    expected = [chapter_key(session.session_id, number) for number in range(len(keys))]
    if not keys or keys != expected:
        raise VideoRefused(
            "The upload is incomplete.",
            code=VideoProblem.INCOMPLETE_UPLOAD,
            remedy="Upload the video again.",
        )
    with _joined(services, keys) as path:
        probe(path, session.details.capture_fps, whole=True)
        sha256 = sha256_of(path)
        video_id = sha256[:16]
        change_session(services.database, session.session_id, video_id=video_id)
        _store(services, session, video_id, path, take=True)
    for key in keys:
        storage.delete(key)
    return StoredVideo(video_id, sha256)


@contextmanager
def _joined(services: Services, keys: list[str]) -> Iterator[Path]:
    """The chapters as one file on this machine."""
    from pushoff.video.decoding.concat import join_chapters

    with ExitStack() as stack:
        paths = [stack.enter_context(services.storage.local_copy(key)) for key in keys]
        if len(paths) == 1:
            yield paths[0]
            return
        joined = stack.enter_context(tempfile.TemporaryDirectory(dir=services.scratch))
        join_chapters(paths, Path(joined) / "video")
        yield Path(joined) / "video"


def _store(
    services: Services, session: CoachSession, video_id: str, path: Path, *, take: bool
) -> None:
    """Store the file and this session's details of it; `take` moves the file.

    The details of a video that another coach has too are left as they are: their tasks name them.
    """
    owners = {other.owner_id for other in sessions_of_video(services.database, video_id)}
    if owners - {session.owner_id} and is_stored(services.storage, video_id):
        return
    details = session.details
    add_video(
        services.storage,
        path,
        athlete=details.athlete,
        exercise=details.exercise,
        capture_fps=details.capture_fps,
        footage=details.footage,
        take=take,
        video_id=video_id,
    )
