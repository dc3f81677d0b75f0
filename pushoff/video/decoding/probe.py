"""What a video is, or why it is refused, before its frames are decoded."""

from fractions import Fraction
from pathlib import Path
from typing import Any

from pushoff.errors import VideoProblem, VideoRefused
from pushoff.values import VideoInfo
from pushoff.video.decoding.refusals import (
    cut_off,
    frame_rate_unknown,
    no_frames,
    no_video_stream,
)
from pushoff.video.decoding.sandbox import run_decoder

MAX_SIDE_PX = 5312
"""5.3K, the largest frame of the cameras in use."""
MAX_DURATION_S = 4 * 3600
MAX_FRAMES = 432_000
"""Half an hour at 240/s, or four hours at 30/s: a worker takes some hours to analyse that."""
MAX_STREAMS = 16
CODECS = ("h264", "hevc", "mpeg4", "vp8", "vp9", "av1", "libdav1d", "mjpeg", "prores")
MAX_CAPTURE_FPS = 10_000
_SAME_RATE = 0.03
"""Rates closer than this share are the same rate: 240 given for a file that says 239.76."""


def probe(path: Path, capture_fps: float | None, *, whole: bool = False) -> VideoInfo:
    """Size, rates, duration and rotation of a video, found out in a sandboxed process.

    `capture_fps` is the camera's frame rate; None takes the file's own, unless its metadata
    disagree. `whole` also refuses a file that ends before its own index says; otherwise such a file
    is accepted with the frames that it has. Raises VideoRefused.
    """
    request = {"command": "probe", "max_px": MAX_SIDE_PX}
    facts = next(run_decoder(path, request))[0]["facts"]
    try:
        if whole and facts["cut_off"]:
            raise cut_off()
        return _video_info(facts, capture_fps)
    except VideoRefused as refusal:
        refusal.video_name = path.name
        raise


def _video_info(facts: dict[str, Any], capture_fps: float | None) -> VideoInfo:
    if facts["streams"] > MAX_STREAMS:
        raise VideoRefused(
            f"The file has {facts['streams']} streams, more than {MAX_STREAMS}.",
            code=VideoProblem.TOO_MANY_STREAMS,
            remedy="Export it with the video stream only.",
        )
    video = facts.get("video")
    if not video:
        raise no_video_stream()
    _check_limits(video)
    if not facts.get("first"):
        raise no_frames()
    if not video["rate"]:
        raise frame_rate_unknown()
    rate, rotation_deg = Fraction(*video["rate"]), facts["rotation_deg"]
    size = (video["width"], video["height"])
    width, height = size[::-1] if rotation_deg % 180 else size
    duration_s = video["duration_s"] or float((video["frames"] or 1) / rate)
    return VideoInfo(
        width_px=width,
        height_px=height,
        frame_rate=rate,
        capture_rate=_capture_rate(rate, capture_fps, facts["tags"]),
        duration_s=duration_s,
        rotation_deg=rotation_deg,
        declared_frames=video["frames"],
        codec=video["codec"],
    )


def _check_limits(video: dict[str, Any]) -> None:
    """Raise VideoRefused for a codec, size or length that is not accepted."""
    if video["codec"] not in CODECS:
        raise VideoRefused(
            f"The video is encoded as {video['codec']}.",
            code=VideoProblem.UNSUPPORTED_CODEC,
            remedy="Re-encode it as H.264 or HEVC.",
        )
    if max(video["width"], video["height"]) > MAX_SIDE_PX:
        raise VideoRefused(
            f"The video is {video['width']} x {video['height']} pixels, wider or higher "
            f"than {MAX_SIDE_PX} pixels.",
            code=VideoProblem.FRAME_TOO_LARGE,
            remedy="Export it at a lower resolution.",
        )
    if (video["frames"] or 0) > MAX_FRAMES:
        raise VideoRefused(
            f"The video has {video['frames']} frames; the limit is {MAX_FRAMES}.",
            code=VideoProblem.TOO_MANY_FRAMES,
            remedy="Trim it to the exercise.",
        )
    if (video["duration_s"] or 0) > MAX_DURATION_S:
        raise VideoRefused(
            f"The video lasts {video['duration_s'] / 3600:.1f} hours; the limit is "
            f"{MAX_DURATION_S // 3600}.",
            code=VideoProblem.TOO_LONG,
            remedy="Trim it to the exercise.",
        )


def _capture_rate(rate: Fraction, capture_fps: float | None, tags: dict[str, str]) -> Fraction:
    """The camera's rate, as a whole multiple of the file's where it nearly is one."""
    if capture_fps is None:
        tagged_fps = _parse_float(tags.get("com.android.capture.fps"))
        if tagged_fps and tagged_fps > float(rate) * (1 + _SAME_RATE):
            raise VideoRefused(
                f"The video plays at {float(rate):.4g} frames/s, but its metadata says that the "
                f"camera recorded at {tagged_fps:.4g}.",
                code=VideoProblem.CAPTURE_RATE_UNKNOWN,
                remedy=f"Enter {tagged_fps:.4g} as the camera's frame rate.",
            )
        return rate
    if not 1 <= capture_fps <= MAX_CAPTURE_FPS:
        raise VideoRefused(
            f"A camera's frame rate of {capture_fps:g} frames/s is not possible.",
            code=VideoProblem.CAPTURE_RATE_IMPLAUSIBLE,
            remedy=f"Enter a number from 1 to {MAX_CAPTURE_FPS}.",
        )
    ratio = capture_fps / float(rate)
    if ratio < 1 - _SAME_RATE:
        raise VideoRefused(
            f"The video plays at {float(rate):.4g} frames/s, so the camera cannot have recorded at "
            f"{capture_fps:g}.",
            code=VideoProblem.CAPTURE_RATE_IMPLAUSIBLE,
            remedy="Correct the camera's frame rate.",
        )
    multiple = max(round(ratio), 1)
    if abs(ratio / multiple - 1) <= _SAME_RATE:
        return rate * multiple
    return Fraction(capture_fps).limit_denominator(1001)


def _parse_float(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None
