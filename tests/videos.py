"""Tiny videos for tests, written with PyAV; every one counts its frames in its pictures."""

import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from itertools import islice
from pathlib import Path

import av
import numpy as np
import pytest

from pushoff.errors import VideoProblem, VideoRefused
from pushoff.synthetic.render import DrillSpec
from pushoff.synthetic.world import World


@contextmanager
def refused(code: VideoProblem) -> Iterator[pytest.ExceptionInfo[VideoRefused]]:
    """The block must refuse a video with this code and a remedy."""
    with pytest.raises(VideoRefused) as info:
        yield info
    assert info.value.code == code
    assert info.value.remedy


def athlete_picture() -> np.ndarray:
    """(360, 640, 3) uint8 RGB: a rendered athlete in full view, whom the pose model finds."""
    spec = DrillSpec(push_offs=3, capture_fps=60, width_px=640, height_px=360, second_person=None)
    return next(islice(World(spec).images(), 24, None))


def picture(index: int, width: int, height: int) -> np.ndarray:
    """(H, W, 3) uint8 RGB: top half red, and as bright below as the index says."""
    image = np.zeros((height, width, 3), np.uint8)
    image[: height // 2, :, 0] = 220
    image[height // 2 :] = 20 + (index * 8) % 200
    return image


def video(
    path: Path,
    *,
    frames: int = 24,
    rate: Fraction | int = 240,
    size: tuple[int, int] = (96, 64),
    codec: str = "libx264",
    pixels: str = "yuv420p",
    pts_ms: Sequence[int] | None = None,
    streams: int = 1,
    container: dict[str, str] | None = None,
    tags: dict[str, str] | None = None,
) -> Path:
    """An MP4 (or what the suffix says) of `frames` frames; `pts_ms` makes the rate vary."""
    options = {"preset": "ultrafast"} if codec.startswith("libx26") else {}
    if codec == "libx265":
        options["x265-params"] = "log-level=none"
    with av.open(str(path), "w", options=container or {}) as out:
        out.metadata.update(tags or {})
        tracks = [out.add_stream(codec, rate=rate, options=options) for _ in range(streams)]
        for track in tracks:
            track.width, track.height, track.pix_fmt = *size, pixels
            if pts_ms:
                track.codec_context.time_base = Fraction(1, 1000)
        for track in tracks:
            for index in range(frames):
                frame = av.VideoFrame.from_ndarray(picture(index, *size), format="rgb24")
                if pts_ms:
                    frame.pts, frame.time_base = pts_ms[index], Fraction(1, 1000)
                out.mux(track.encode(frame))
            out.mux(track.encode())
    return path


def sound_only(path: Path) -> Path:
    """An MP4 with sound and no picture."""
    with av.open(str(path), "w") as out:
        track = out.add_stream("aac", rate=8000)
        sound = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
        sound.sample_rate = 8000
        for index in range(8):
            sound.pts = index * 1024
            out.mux(track.encode(sound))
        out.mux(track.encode())
    return path


def turned(path: Path, clockwise_deg: int) -> Path:
    """The same video with a display matrix in its track header, as phones write it."""
    one = 0x10000
    cosine, sine = {0: (one, 0), 90: (0, one), 180: (-one, 0), 270: (0, -one)}[clockwise_deg]
    matrix = struct.pack(">9i", cosine, sine, 0, -sine, cosine, 0, 0, 0, 0x40000000)
    data = bytearray(path.read_bytes())
    at = data.index(b"tkhd") + 4 + 40  # version 0: flags, times, ids, layer and volume come first
    data[at : at + 36] = matrix
    path.write_bytes(data)
    return path


def replaced(path: Path, old: bytes, new: bytes) -> Path:
    """The same video with some bytes changed in its index."""
    data = path.read_bytes()
    assert old in data
    path.write_bytes(data.replace(old, new))
    return path
