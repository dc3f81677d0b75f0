"""The frames of a video as ingest found them: when each was taken, where the athlete is in it."""

from dataclasses import dataclass
from functools import cached_property

from pushoff.errors import BadInput, Unsafe
from pushoff.storage.object_store import Storage
from pushoff.storage.videos import load_ingest, load_video
from pushoff.values import Box, Video

_CAMERA_FPS = 100.0
"""A file that plays this fast was filmed so; a slower one may be slow motion."""
_LIKELY_FPS = 240.0
"""The camera's rate of slow motion of which nobody wrote it down: what coaches are asked to use."""


@dataclass(frozen=True)
class VideoFrames:
    """Every frame of one video, by its number (zero-based, in decode order)."""

    video: Video
    times_s: tuple[float, ...]
    """Camera seconds, as far as the camera's rate is known."""
    boxes: tuple[Box, ...]
    """The athlete in full-size pixels."""
    file_fps: float

    def __len__(self) -> int:
        return len(self.times_s)

    @property
    def rate_known(self) -> bool:
        """Whether `times_s` can be trusted: somebody said the rate, or the file is no slow one."""
        return self.video.capture_fps is not None or self.file_fps >= _CAMERA_FPS

    @cached_property
    def clock_s(self) -> tuple[float, ...]:
        """Seconds to judge by how near two frames are: `times_s`, or, where the camera's rate is
        not known, as at 240/s, so that frames nobody could tell apart are never told apart."""
        if self.rate_known:
            return self.times_s
        return tuple(index / _LIKELY_FPS for index in range(len(self.times_s)))


def video_frames(storage: Storage, video_id: str) -> VideoFrames | None:
    """What ingest found, or None for what is no ingested session. Raises StorageFailed."""
    try:
        found = load_ingest(storage, video_id)
        if not found or "boxes" not in found:
            return None
        session = load_video(storage, video_id)
    except (BadInput, Unsafe):
        return None
    return VideoFrames(
        session,
        tuple(map(float, found["times_s"])),
        tuple(Box(*box) for box in found["boxes"]),
        float(found["frame_rate"]),
    )
