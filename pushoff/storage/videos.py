"""Stored videos: the file and its details."""

from dataclasses import asdict, replace
from pathlib import Path

from pydantic import TypeAdapter

from pushoff.errors import BadInput
from pushoff.storage.object_store import Storage
from pushoff.storage.records import read_record, write_record
from pushoff.util.file_digest import sha256_of
from pushoff.util.ids import check_video_id, is_id
from pushoff.values import Exercise, Video

FORMAT = 1
_VIDEO = TypeAdapter(Video)


def video_folder(video_id: str) -> str:
    """The folder of everything known of a video. Raises Unsafe for what is not a video id."""
    return f"videos/{check_video_id(video_id)}"


def video_key(video_id: str) -> str:
    """Where the video file lies. Raises Unsafe for what is not a video id."""
    return f"{video_folder(video_id)}/video"


def media_key(video_id: str, index: int) -> str:
    """Where frame `index` (zero-based) lies as a JPEG. Raises Unsafe for what is not a video id."""
    return f"media/{check_video_id(video_id)}/{int(index):06d}.jpg"


def strip_key(video_id: str, index: int) -> str:
    """Where the strip of the athlete around frame `index` lies as a JPEG. Raises Unsafe."""
    return f"media/{check_video_id(video_id)}/{int(index):06d}-strip.jpg"


def preview_key(video_id: str) -> str:
    """Where the preview for Label Studio lies. Raises Unsafe for what is not a video id."""
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
    video = Video(
        video_id=video_id or video_id_of(path),
        athlete=athlete,
        exercise=Exercise(exercise),
        capture_fps=capture_fps,
        footage=footage,
        project_id=project_id,
    )
    key = video_key(video.video_id)
    if not storage.exists(key) or storage.size(key) != path.stat().st_size:
        (storage.take_file if take else storage.write_file)(key, path)
    write_record(storage, _details_key(video.video_id), FORMAT, asdict(video))
    return video


def video_id_of(path: Path) -> str:
    """The id of a video file: the first 16 hex digits of its SHA-256. Raises BadInput."""
    return sha256_of(path)[:16]


def is_stored(storage: Storage, video_id: str) -> bool:
    """Whether the file and its details are stored; False for what is not a video id.

    Raises StorageFailed.
    """
    if not is_id(video_id):
        return False
    return storage.exists(video_key(video_id)) and storage.exists(_details_key(video_id))


def load_video(storage: Storage, video_id: str) -> Video:
    """The video's details.

    Raises BadInput when it is not stored, Unsafe for what is not a video id, StorageFailed when the
    details cannot be read.
    """
    key = _details_key(video_id)
    if not storage.exists(key):
        raise BadInput(
            f"There is no video {video_id}.",
            code="no_such_video",
            remedy="`pushoff video list` lists the stored ones.",
        )
    return read_record(storage, key, FORMAT, _VIDEO, "Add the video again.")


def change_video(storage: Storage, video_id: str, athlete: str, exercise: Exercise) -> None:
    """Change a stored video's athlete and exercise. Tasks that were made keep the earlier ones.

    Raises as `load_video`.
    """
    video = replace(load_video(storage, video_id), athlete=athlete, exercise=Exercise(exercise))
    write_record(storage, _details_key(video_id), FORMAT, asdict(video))


def list_videos(storage: Storage) -> list[Video]:
    """The details of every stored video, by id. Raises StorageFailed."""
    keys = storage.list("videos")
    ids = [key.split("/")[1] for key in keys if key.endswith("/video.json")]
    return [load_video(storage, video_id) for video_id in ids]


def _details_key(video_id: str) -> str:
    return f"{video_folder(video_id)}/video.json"
