"""What a video is, or why it cannot be used, before its frames are decoded."""

from fractions import Fraction
from pathlib import Path
from typing import Any

from pushoff.errors import VideoRefused
from pushoff.values import VideoInfo
from pushoff.video.decoding.sandbox import messages

MAX_SIDE_PX = 5312
"""5.3K, the largest picture of the cameras in use."""
MAX_DURATION_S = 4 * 3600
MAX_FRAMES = 432_000
"""Half an hour at 240/s, or four hours at 30/s: reading takes a worker some hours then."""
MAX_STREAMS = 16
CODECS = ("h264", "hevc", "mpeg4", "vp8", "vp9", "av1", "libdav1d", "mjpeg", "prores")
CUT_OFF = "this file is cut off: upload it again"
_SAME = 0.03
"""Rates closer than this share are the same rate: 240 said of a file that means 239.76."""


def probe(path: Path, capture_fps: float | None, *, whole: bool = False) -> VideoInfo:
    """Read a video's size, rates, length and turn, in a sandboxed process.

    `capture_fps` is the camera's rate; None takes the file's own, unless its metadata disagree.
    `whole` also refuses a file that ends before its own index says; else what is there is read.
    Raises VideoRefused with one sentence that says what is wrong and what to do.
    """
    facts = next(messages(path, {"do": "probe", "max_px": MAX_SIDE_PX}))[0]["facts"]
    if whole and facts["cut_off"]:
        raise VideoRefused(f"{path.name}: {CUT_OFF}")
    return _judge(path.name, facts, capture_fps)


def _judge(name: str, facts: dict[str, Any], capture_fps: float | None) -> VideoInfo:
    if facts["streams"] > MAX_STREAMS:
        raise VideoRefused(f"{name} has {facts['streams']} streams, more than {MAX_STREAMS}")
    video = facts.get("video")
    if not video:
        raise VideoRefused(f"{name} has no picture, only sound or data")
    if video["codec"] not in CODECS:
        raise VideoRefused(f"{name} is encoded as {video['codec']}: re-encode it as H.264 or HEVC")
    if max(video["width"], video["height"]) > MAX_SIDE_PX:
        raise VideoRefused(
            f"{name} is {video['width']} x {video['height']} pixels, more than {MAX_SIDE_PX} "
            "a side: export it smaller"
        )
    if (video["frames"] or 0) > MAX_FRAMES:
        raise VideoRefused(
            f"{name} has {video['frames']} frames, more than {MAX_FRAMES}: cut it to the exercise"
        )
    if (video["duration_s"] or 0) > MAX_DURATION_S:
        hours = video["duration_s"] / 3600
        raise VideoRefused(f"{name} lasts {hours:.1f} hours, more than 4: cut it to the exercise")
    if not facts.get("first"):
        raise VideoRefused(f"{name} has no frame that can be decoded")
    if not video["rate"]:
        raise VideoRefused(f"{name} does not say its frame rate: re-encode it")
    rate, turn = Fraction(*video["rate"]), facts["turn"]
    size = (video["width"], video["height"])
    width, height = size[::-1] if turn % 180 else size
    duration_s = video["duration_s"] or float((video["frames"] or 1) / rate)
    return VideoInfo(
        width_px=width,
        height_px=height,
        frame_rate=rate,
        capture_rate=_capture_rate(name, rate, capture_fps, facts["tags"]),
        duration_s=duration_s,
        rotation_deg=turn,
        declared_frames=video["frames"],
        codec=video["codec"],
    )


def _capture_rate(
    name: str, rate: Fraction, capture_fps: float | None, tags: dict[str, str]
) -> Fraction:
    """The camera's rate as a whole multiple of the file's where it nearly is one."""
    if capture_fps is None:
        filmed = _number(tags.get("com.android.capture.fps"))
        if filmed and filmed > float(rate) * (1 + _SAME):
            raise VideoRefused(
                f"{name} plays at {float(rate):.4g} frames/s but says the camera filmed at "
                f"{filmed:.4g}: give the capture rate, {filmed:.4g}"
            )
        return rate
    if not 1 <= capture_fps <= 10_000:
        raise VideoRefused(f"a camera does not video at {capture_fps:g} frames/s")
    ratio = capture_fps / float(rate)
    if ratio < 1 - _SAME:
        raise VideoRefused(
            f"{name} plays at {float(rate):.4g} frames/s, so the camera cannot have filmed at "
            f"{capture_fps:g}: correct the capture rate"
        )
    whole = max(round(ratio), 1)
    if abs(ratio / whole - 1) <= _SAME:
        return rate * whole
    return Fraction(capture_fps).limit_denominator(1001)


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None
