"""A video watched once, small and grey: what it is, when its frames are, where the athlete is."""

import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np

from pushoff.values import Frame, VideoInfo
from pushoff.video.decoding.decode import DecodeCounts, decode
from pushoff.video.decoding.probe import probe
from pushoff.video.tracking.athlete import AthleteTrack, find_athlete

PREVIEW_WIDTH_PX = 480
"""Width the athlete is looked for at: a runner is then about 60 px tall in a 2.7K video."""

OnProgress = Callable[[dict[str, Any]], None]


@dataclass(frozen=True, eq=False)
class VideoScan:
    """What is known of a video before any model has seen it."""

    info: VideoInfo
    times_s: np.ndarray
    """(N,) camera seconds of each frame."""
    track: AthleteTrack
    counts: DecodeCounts
    pictures: np.ndarray
    """(N, h, w) uint8 grey, on disk: gone when the `with` of `scan_video` ends."""


@contextmanager
def scan_video(
    path: Path,
    capture_fps: float | None,
    scratch: Path | None = None,
    say: OnProgress = lambda word: None,
    *,
    name_seconds: bool = True,
) -> Iterator[VideoScan]:
    """Probe a video, decode it small and find the athlete. Raises VideoRefused.

    `scratch` is a folder on disk for the small pictures; a long video is larger than memory.
    `name_seconds` false lets warnings name frames: a video of unknown rate has no seconds.
    """
    info = probe(path, capture_fps)
    small = decode(path, info, max_width_px=PREVIEW_WIDTH_PX, gray=True)
    with tempfile.TemporaryFile(dir=scratch) as file:
        pictures, times_s = _kept_on_disk(_said(small.frames(), info, say), file)
        say({"stage": "finding the athlete", "frames": len(times_s)})
        times = np.asarray(times_s)
        size = (info.width_px, info.height_px)
        track = find_athlete(pictures, size, times if name_seconds else None)
        yield VideoScan(info, times, track, small.counts, pictures)


def _kept_on_disk(frames: Iterable[Frame], file: IO[bytes]) -> tuple[np.ndarray, list[float]]:
    times_s, shape = [], (0, 0)
    for frame in frames:
        file.write(frame.image.tobytes())
        times_s.append(frame.ref.time_s)
        shape = frame.image.shape
    file.flush()
    return np.memmap(file, np.uint8, "r", shape=(len(times_s), *shape)), times_s


def _said(frames: Iterable[Frame], info: VideoInfo, say: OnProgress) -> Iterator[Frame]:
    for number, frame in enumerate(frames, 1):
        if number % 100 == 0:
            say({"stage": "decoding", "frame": number, "frames": info.declared_frames})
        yield frame
