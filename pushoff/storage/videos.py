"""Sessions: the video, what the coach said of it, and what ingest found in it."""

import hashlib
import re
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pushoff.errors import BadInput, StorageFailed, Unsafe
from pushoff.storage.object_store import Storage
from pushoff.values import Exercise, Video

_ID = re.compile(r"[0-9a-f]{16}")


def video_key(video_id: str) -> str:
    """Where the video lies. Raises Unsafe for what is not a video id."""
    return f"videos/{_checked(video_id)}/video"


def media_key(video_id: str, index: int) -> str:
    """Where frame `index` (zero-based) lies as a JPEG. Raises Unsafe for what is not a video id."""
    return f"media/{_checked(video_id)}/{int(index):06d}.jpg"


def preview_key(video_id: str) -> str:
    """Where the video lies as Label Studio shows it. Raises Unsafe for what is not a video id."""
    return f"media/{_checked(video_id)}/video.mp4"


def add_video(
    storage: Storage,
    path: Path,
    *,
    athlete: str,
    exercise: Exercise,
    capture_fps: float | None = None,
    footage: str = "real",
    project_id: int | None = None,
    take: bool = False,
) -> Video:
    """Store a video with what is known of it. The same file again is the same session, told anew.

    `capture_fps` is the camera's rate in frames per second, None to believe the file; `take` lets
    go of the file at `path`, so that large videos on the same disk are not copied.
    Raises BadInput when there is no such file, StorageFailed when it cannot be stored.
    """
    try:
        digest, size = _digest(path)
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}") from None
    session = Video(
        video_id=digest[:16],
        athlete=athlete,
        exercise=Exercise(exercise),
        capture_fps=capture_fps,
        footage=footage,
        project_id=project_id,
    )
    key = video_key(session.video_id)
    if not storage.exists(key) or storage.size(key) != size:
        (storage.take_file if take else storage.write_file)(key, path)
    storage.write_json(_video_json_key(session.video_id), asdict(session))
    return session


def video_id_of(path: Path) -> str:
    """The session id a video will have: the first 16 hex digits of its SHA-256."""
    return _digest(path)[0][:16]


def is_stored(storage: Storage, video_id: str) -> bool:
    """Whether the video lies here with what was told of it; never for what is no session id."""
    if not _ID.fullmatch(video_id):
        return False
    return storage.exists(video_key(video_id)) and storage.exists(_video_json_key(video_id))


def load_video(storage: Storage, video_id: str) -> Video:
    """The session. Raises BadInput when there is none, Unsafe for what is not a video id."""
    key = _video_json_key(video_id)
    if not storage.exists(key):
        raise BadInput(
            f"There is no session {video_id}. `pushoff session list` shows those there are."
        )
    fields = storage.read_json(key)
    try:
        return Video(**{**fields, "exercise": Exercise(fields["exercise"])})
    except (TypeError, KeyError, ValueError) as error:
        raise StorageFailed(f"{key} is damaged: {error}. Add the video again.") from None


def list_videos(storage: Storage) -> list[Video]:
    """Every session there is, by id."""
    keys = storage.list("videos")
    ids = [key.split("/")[1] for key in keys if key.endswith("/video.json")]
    return [load_video(storage, video_id) for video_id in ids]


def save_ingest(storage: Storage, video_id: str, found: dict[str, Any]) -> None:
    """Keep what ingest found: the video's numbers, counts, the athlete's boxes, chosen frames."""
    storage.write_json(_ingest_key(video_id), found)


def load_ingest(storage: Storage, video_id: str) -> dict[str, Any] | None:
    """What ingest found, or None when the session has not been ingested."""
    key = _ingest_key(video_id)
    return storage.read_json(key) if storage.exists(key) else None


def _video_json_key(video_id: str) -> str:
    return f"videos/{_checked(video_id)}/video.json"


def _ingest_key(video_id: str) -> str:
    return f"videos/{_checked(video_id)}/ingest.json"


def _checked(video_id: str) -> str:
    if not _ID.fullmatch(video_id):
        raise Unsafe(f"{video_id!r} is not a video id (16 hex digits)")
    return video_id


def _digest(path: Path) -> tuple[str, int]:
    sha256, size = hashlib.sha256(), 0
    with Path(path).open("rb") as video:
        while block := video.read(2**20):
            sha256.update(block)
            size += len(block)
    return sha256.hexdigest(), size
