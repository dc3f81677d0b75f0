"""One pass over a small grey copy of a video: its facts, frame times and the athlete's track."""

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np

from pushoff.util.progress import OnProgress, Progress, ignore_progress
from pushoff.values import Frame, VideoInfo
from pushoff.video.decoding.decode import DecodeCounts, decode
from pushoff.video.decoding.probe import probe
from pushoff.video.tracking.athlete import AthleteTrack, find_athlete

SCAN_WIDTH_PX = 480
"""Width at which the athlete is looked for: a runner is then about 60 px tall in a 2.7K video."""
PROGRESS_FRAMES = 100
"""Progress is reported once for so many decoded frames."""


@dataclass(frozen=True, eq=False)
class VideoScan:
    """What is known of a video before any model has seen it."""

    info: VideoInfo
    times_s: np.ndarray
    """(N,) camera seconds of each frame."""
    track: AthleteTrack
    counts: DecodeCounts
    images: np.ndarray
    """(N, h, w) uint8 grey, on disk: gone when the `with` of `scan_video` ends."""


@contextmanager
def scan_video(
    path: Path,
    capture_fps: float | None,
    scratch: Path | None = None,
    on_progress: OnProgress = ignore_progress,
    *,
    name_seconds: bool = True,
) -> Iterator[VideoScan]:
    """Probe a video, decode it small and find the athlete. Raises VideoRefused.

    `scratch` is a folder on disk for the small images; those of a long video are larger than
    memory. `name_seconds` false makes warnings name frames instead: a video whose frame rate is
    not known has no seconds.
    """
    info = probe(path, capture_fps)
    decoding = decode(path, info, max_width_px=SCAN_WIDTH_PX, gray=True)
    with tempfile.TemporaryFile(dir=scratch) as file:
        frames = _report_decoding(decoding.frames(), info, on_progress)
        images, times_s = _write_to_disk(frames, file)
        on_progress(Progress("finding the athlete", total=len(times_s), unit="frame"))
        size = (info.width_px, info.height_px)
        track = find_athlete(images, size, times_s if name_seconds else None)
        yield VideoScan(info, times_s, track, decoding.counts, images)


def _write_to_disk(frames: Iterable[Frame], file: IO[bytes]) -> tuple[np.ndarray, np.ndarray]:
    """((N, h, w) uint8 images mapped from the file, (N,) seconds)."""
    times_s: list[float] = []
    shape: tuple[int, ...] = (0, 0)
    for frame in frames:
        file.write(frame.image.tobytes())
        times_s.append(frame.ref.time_s)
        shape = frame.image.shape
    file.flush()
    images = np.memmap(file, np.uint8, "r", shape=(len(times_s), *shape))
    return images, np.asarray(times_s)


def _report_decoding(
    frames: Iterable[Frame], info: VideoInfo, on_progress: OnProgress
) -> Iterator[Frame]:
    for number, frame in enumerate(frames, 1):
        if number % PROGRESS_FRAMES == 0:
            on_progress(Progress("decoding", number, info.declared_frames, "frame"))
        yield frame
