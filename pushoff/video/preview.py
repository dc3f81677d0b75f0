"""The video as a browser plays it: H.264, one frame for each frame of the video, quick to seek.

Frame k of the video is shown from k / PREVIEW_FPS seconds on, whatever rate it was filmed at, so a
page that steps by frames never counts wrong. Door: PyAV.
"""

from collections.abc import Collection, Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from pushoff.errors import StorageFailed, VideoProblem, VideoRefused
from pushoff.util.progress import OnProgress, Progress, ignore_progress
from pushoff.values import VideoInfo
from pushoff.video.decoding.decode import decode

PREVIEW_FPS = 60
"""A video at 240/s then plays at a quarter of real speed; browsers play it up to four times faster
and sixteen times slower than that."""
PREVIEW_WIDTH_PX = 960
"""A foot of a 2.7K video is 20 px then; ten seconds at 240/s are about 15 MB."""
KEYFRAME_INTERVAL = 12
"""Frames between key frames: a step back decodes a dozen at most."""
PROGRESS_FRAMES = 20
"""Progress is reported once for so many frames."""
_OPTIONS = {"crf": "24", "preset": "veryfast", "bf": "0", "g": str(KEYFRAME_INTERVAL)}


def write_preview(
    path: Path, info: VideoInfo, out: Path, on_progress: OnProgress = ignore_progress
) -> int:
    """Write a probed video's preview; returns its frames. Raises VideoRefused, StorageFailed."""
    decoding = decode(path, info, max_width_px=PREVIEW_WIDTH_PX)
    count = 0
    with VideoWriter(out, Fraction(PREVIEW_FPS)) as writer:
        for frame in decoding.frames():
            writer.write(frame.image)
            count += 1
            if count % PROGRESS_FRAMES == 0:
                on_progress(Progress("making the preview", count, info.declared_frames, "frame"))
    return count


class VideoWriter:
    """Writes images as an MP4 that browsers play. Raises StorageFailed when it cannot."""

    def __init__(self, out: Path, rate: Fraction) -> None:
        self._out, self._rate = out, rate

    def __enter__(self) -> "VideoWriter":
        try:
            self._container = av.open(
                str(self._out), "w", format="mp4", options={"movflags": "+faststart"}
            )
            self._stream = self._container.add_stream("libx264", self._rate, options=_OPTIONS)
        except (av.FFmpegError, ValueError, OSError) as error:
            raise _write_failed(error) from None
        self._stream.width = 0
        return self

    def write(self, image: np.ndarray) -> None:
        """Add an (H, W, 3) uint8 RGB image; all are as large as the first."""
        height, width = (side // 2 * 2 for side in image.shape[:2])  # 4:2:0 halves each side
        if not self._stream.width:
            self._stream.width, self._stream.height = width, height
            self._stream.pix_fmt = "yuv420p"
        even = np.ascontiguousarray(image[:height, :width])
        try:
            self._encode(av.VideoFrame.from_ndarray(even, format="rgb24"))
        except (av.FFmpegError, ValueError) as error:
            raise _write_failed(error) from None

    def __exit__(self, kind: type | None, *_: object) -> None:
        try:
            if kind is None:
                self._encode(None)
        except (av.FFmpegError, ValueError) as error:
            raise _write_failed(error) from None
        finally:
            self._container.close()

    def _encode(self, frame: av.VideoFrame | None) -> None:
        self._container.mux(self._stream.encode(frame))


def read_preview_images(path: Path, indices: Collection[int]) -> dict[int, np.ndarray]:
    """(H, W, 3) uint8 RGB by frame number, of a preview written above; missing ones left out.

    The preview is our own file, so it is decoded in this process. Raises VideoRefused.
    """
    images: dict[int, np.ndarray] = {}
    try:
        with av.open(str(path), format="mp4") as container:
            stream = container.streams.video[0]
            for index in sorted(set(indices)):
                if index in images or index < 0:
                    continue
                container.seek(_pts(index, stream), stream=stream, backward=True)
                for frame in container.decode(stream):
                    number = _frame_number(frame, stream)
                    if number in indices:
                        images[number] = frame.to_ndarray(format="rgb24")
                    if number >= index:
                        break
    except (av.FFmpegError, ValueError, IndexError) as error:
        raise _damaged() from error
    return images


def preview_width_px(path: Path) -> int:
    """How wide a preview is. Raises VideoRefused when it is damaged."""
    _, image = next(iterate_preview(path, 0, 1), (0, None))
    if image is None:
        raise _damaged()
    return image.shape[1]


def iterate_preview(path: Path, start: int, stop: int) -> Iterator[tuple[int, np.ndarray]]:
    """(frame number, (H, W, 3) uint8 RGB) from `start` to before `stop`, one at a time.

    Raises VideoRefused when the preview is damaged.
    """
    try:
        with av.open(str(path), format="mp4") as container:
            stream = container.streams.video[0]
            container.seek(_pts(max(start, 0), stream), stream=stream, backward=True)
            for frame in container.decode(stream):
                number = _frame_number(frame, stream)
                if number >= stop:
                    return
                if number >= start:
                    yield number, frame.to_ndarray(format="rgb24")
    except (av.FFmpegError, ValueError, IndexError) as error:
        raise _damaged() from error


def _damaged() -> VideoRefused:
    return VideoRefused(
        "The preview is damaged.",
        code=VideoProblem.PREVIEW_DAMAGED,
        remedy="Analyse the video again.",
    )


def _write_failed(error: Exception) -> StorageFailed:
    return StorageFailed(f"the video cannot be written: {error}")


def _pts(index: int, stream: av.VideoStream) -> int:
    """The presentation time of a frame of a preview, in the stream's unit. Raises ValueError."""
    if not stream.time_base:
        raise ValueError("a stream without a time base")
    return int(Fraction(index, PREVIEW_FPS) / stream.time_base)


def _frame_number(frame: av.VideoFrame, stream: av.VideoStream) -> int:
    """The inverse of `_pts`. Raises ValueError."""
    if frame.pts is None or not stream.time_base:
        raise ValueError("a frame without a time")
    return round(frame.pts * stream.time_base * PREVIEW_FPS)
