"""What a coach uploaded becomes one checked video under its content's name."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from pushoff.coach.session_files import chapter_key, folder
from pushoff.coach.session_queries import sessions_of_video
from pushoff.coach.sessions import CoachSession, change_session
from pushoff.errors import VideoProblem, VideoRefused
from pushoff.services import Services
from pushoff.storage.videos import add_video, is_stored, video_id_of, video_key


def store_video(services: Services, session: CoachSession) -> str:
    """The video's id. Chapters are joined; what was uploaded goes once the video is there.

    Safe to run again after a kill at any point. Raises VideoRefused for what cannot be
    decoded or is not there whole, StorageFailed.
    """
    from pushoff.video.decoding.probe import probe

    storage, fps = services.storage, session.details.capture_fps
    if session.video_id is not None and storage.exists(video_key(session.video_id)):
        with storage.local_copy(video_key(session.video_id)) as path:
            _keep(
                services, session, session.video_id, path, take=False
            )  # the rate may have been said since
        return session.video_id
    keys = storage.list(f"{folder(session.session_id)}/chapters")
    if not keys or keys != [chapter_key(session.session_id, k) for k in range(len(keys))]:
        raise VideoRefused(
            "The upload is incomplete.",
            code=VideoProblem.INCOMPLETE_UPLOAD,
            remedy="Upload the video again.",
        )
    with _one_file(services, keys) as path:
        probe(path, fps, whole=True)
        video_id = video_id_of(path)
        change_session(services.database, session.session_id, video_id=video_id)
        _keep(services, session, video_id, path, take=True)
    for key in keys:
        storage.delete(key)
    return video_id


@contextmanager
def _one_file(services: Services, keys: list[str]) -> Iterator[Path]:
    """The chapters as one file on this machine."""
    from pushoff.video.decoding.concat import join_chapters

    with ExitStack() as opened:
        paths = [opened.enter_context(services.storage.local_copy(key)) for key in keys]
        if len(paths) == 1:
            yield paths[0]
            return
        made = opened.enter_context(tempfile.TemporaryDirectory(dir=services.scratch))
        join_chapters(paths, Path(made) / "video")
        yield Path(made) / "video"


def _keep(services: Services, session: CoachSession, video_id: str, path: Path, take: bool) -> None:
    """What one coach says of a video does not change what another's tasks say of the same video."""
    details = session.details
    owners = {one.owner_id for one in sessions_of_video(services.database, video_id)}
    if owners - {session.owner_id} and is_stored(services.storage, video_id):
        return
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
