"""Sessions: the video, what the coach said of it, and what ingest found in it."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from pushoff.errors import BadInput, StorageFailed
from pushoff.storage.object_store import Storage
from pushoff.util.file_digest import sha256_of
from pushoff.util.ids import check_video_id, is_id
from pushoff.values import Exercise, Video


def video_key(video_id: str) -> str:
    """Where the video lies. Raises Unsafe for what is not a video id."""
    return f"videos/{check_video_id(video_id)}/video"


def media_key(video_id: str, index: int) -> str:
    """Where frame `index` (zero-based) lies as a JPEG. Raises Unsafe for what is not a video id."""
    return f"media/{check_video_id(video_id)}/{int(index):06d}.jpg"


def preview_key(video_id: str) -> str:
    """Where the video lies as Label Studio shows it. Raises Unsafe for what is not a video id."""
    return f"media/{check_video_id(video_id)}/video.mp4"


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
    video_id: str | None = None,
) -> Video:
    """Store a video file with its details; the same file again replaces the details.

    `capture_fps` is the camera's rate in frames per second, None to use the file's own. `take`
    moves the file instead of copying it. `video_id` is the file's id where the caller has computed
    it already.
    Raises BadInput when there is no such file, StorageFailed when it cannot be stored.
    """
    session = Video(
        video_id=video_id or video_id_of(path),
        athlete=athlete,
        exercise=Exercise(exercise),
        capture_fps=capture_fps,
        footage=footage,
        project_id=project_id,
    )
    key = video_key(session.video_id)
    if not storage.exists(key) or storage.size(key) != path.stat().st_size:
        (storage.take_file if take else storage.write_file)(key, path)
    storage.write_json(_video_json_key(session.video_id), asdict(session))
    return session


def video_id_of(path: Path) -> str:
    """The session id a video will have: the first 16 hex digits of its SHA-256."""
    return sha256_of(path)[:16]


def is_stored(storage: Storage, video_id: str) -> bool:
    """Whether the video lies here with what was told of it; never for what is no session id."""
    if not is_id(video_id):
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
    return f"videos/{check_video_id(video_id)}/video.json"


def _ingest_key(video_id: str) -> str:
    return f"videos/{check_video_id(video_id)}/ingest.json"
