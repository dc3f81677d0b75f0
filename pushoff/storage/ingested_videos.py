"""The result of ingest for each stored video: its frames, and the athlete in them."""

from dataclasses import asdict, dataclass

from pydantic import TypeAdapter

from pushoff.storage.object_store import Storage
from pushoff.storage.records import read_record, write_record
from pushoff.storage.videos import video_folder
from pushoff.values import Box

FORMAT = 1


@dataclass(frozen=True)
class IngestedVideo:
    """What ingest found in a video. Lists by frame are in decode order."""

    width_px: int
    """As shown, after rotation."""
    height_px: int
    frame_rate: float
    """The file's average rate, frames per second."""
    capture_rate: float
    """The camera's rate, frames per second; the file's where it is not known."""
    duration_s: float
    """As the file plays."""
    codec: str
    declared_frames: int | None
    """The container's own count, if it has one."""
    decoded_frames: int
    athlete_note: str
    """How the athlete was found, and warnings, for people."""
    times_s: tuple[float, ...]
    """Camera seconds of every frame, as far as the camera's rate is known."""
    boxes: tuple[Box, ...]
    """The athlete in every frame, full-size pixels."""
    chosen_frames: tuple[int, ...]
    """Frames that became tasks, ascending."""


_INGESTED = TypeAdapter(IngestedVideo)


def save_ingest(storage: Storage, video_id: str, ingested: IngestedVideo) -> None:
    """Replace the video's result. Raises Unsafe, StorageFailed."""
    write_record(storage, _key(video_id), FORMAT, asdict(ingested))


def load_ingest(storage: Storage, video_id: str) -> IngestedVideo | None:
    """The video's result, None before ingest. Raises Unsafe, StorageFailed."""
    key = _key(video_id)
    if not storage.exists(key):
        return None
    return read_record(storage, key, FORMAT, _INGESTED, "Ingest the video again.")


def _key(video_id: str) -> str:
    return f"{video_folder(video_id)}/ingest.json"
