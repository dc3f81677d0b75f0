"""The frames of an ingested video: the time of each, and the athlete in it."""

from dataclasses import dataclass
from functools import cached_property

from pushoff.errors import BadInput, Unsafe
from pushoff.storage.ingested_videos import load_ingest
from pushoff.storage.object_store import Storage
from pushoff.storage.videos import load_video
from pushoff.values import Box, Video

_CAMERA_FPS = 100.0
"""A file with at least this rate plays at the camera's rate; a slower one may be slow motion."""
_LIKELY_FPS = 240.0
"""The camera's rate assumed for slow motion of unknown rate: what coaches are asked to use."""


@dataclass(frozen=True)
class VideoFrames:
    """Every frame of one video, by its number (zero-based, in decode order)."""

    video: Video
    times_s: tuple[float, ...]
    """Camera seconds, as far as the camera's rate is known."""
    boxes: tuple[Box, ...]
    """The athlete, full-size pixels."""
    file_fps: float
    """The file's average rate, frames per second."""

    def __len__(self) -> int:
        return len(self.times_s)

    @property
    def rate_known(self) -> bool:
        """Whether `times_s` is in camera seconds: the rate was given, or the file is fast."""
        return self.video.capture_fps is not None or self.file_fps >= _CAMERA_FPS

    @cached_property
    def clock_s(self) -> tuple[float, ...]:
        """Seconds for comparing frames in time: `times_s`, or times at 240/s where the camera's
        rate is not known, so that frames too close to tell apart are never treated as apart."""
        if self.rate_known:
            return self.times_s
        return tuple(index / _LIKELY_FPS for index in range(len(self.times_s)))


def video_frames(storage: Storage, video_id: str) -> VideoFrames | None:
    """The frames, or None for what is not an ingested video. Raises StorageFailed."""
    try:
        ingested = load_ingest(storage, video_id)
        if ingested is None or not ingested.boxes:
            return None
        video = load_video(storage, video_id)
    except (BadInput, Unsafe):
        return None
    return VideoFrames(video, ingested.times_s, ingested.boxes, ingested.frame_rate)
