"""The push-offs a model spotted in a video, kept so that a video is read once by each version."""

from dataclasses import dataclass
from typing import Any

from pushoff.errors import StorageFailed
from pushoff.storage.object_store import Storage
from pushoff.storage.videos import video_key


@dataclass(frozen=True)
class EventPredictions:
    """What one version saw in one video."""

    version: str
    push_offs: tuple[tuple[int, float], ...]
    """Last frame with ground contact (zero-based), and its probability, in order of frames."""

    @property
    def score(self) -> float:
        """The video's place in the annotator's queue, 0 to 1, the smallest first: how sure the model
        is of its push-offs on average. A video in which it found none is looked at first."""
        if not self.push_offs:
            return 0.0
        return sum(worth for _, worth in self.push_offs) / len(self.push_offs)


def save_event_predictions(storage: Storage, video_id: str, spotted: EventPredictions) -> None:
    """Keep it in place of what an earlier version saw. Raises Unsafe, StorageFailed."""
    told = {"version": spotted.version, "push_offs": [list(one) for one in spotted.push_offs]}
    storage.write_json(_key(video_id), told)


def load_event_predictions(storage: Storage, video_id: str) -> EventPredictions | None:
    """What was seen last, None when the video has not been read. Raises Unsafe, StorageFailed."""
    key = _key(video_id)
    if not storage.exists(key):
        return None
    told: dict[str, Any] = storage.read_json(key)
    try:
        push_offs = tuple((int(frame), float(worth)) for frame, worth in told["push_offs"])
        return EventPredictions(str(told["version"]), push_offs)
    except (KeyError, TypeError, ValueError) as error:
        raise StorageFailed(f"{key} is damaged ({type(error).__name__}): delete it") from None


def _key(video_id: str) -> str:
    return f"{video_key(video_id).rpartition('/')[0]}/spotted.json"
