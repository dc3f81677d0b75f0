"""An annotated slow-motion clip, cut out of a video's preview. Door: cv2."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

from pushoff.util.progress import OnProgress, Progress, ignore_progress
from pushoff.values import Box
from pushoff.video.preview import VideoWriter, iterate_preview

SLOW_DOWN, SLOW_CAMERA_SLOW_DOWN = 8, 4
"""A clip of a camera at 100/s and more plays at 1/8 of real speed: 240/s as 30/s, every frame once.
Slower cameras have too few frames for that: they play at 1/4."""
_FAST_CAMERA_FPS = 100
MIN_PLAYBACK_FPS = 24
"""A clip that would play at fewer frames per second repeats each frame."""
MAX_CLIP_FRAMES = 4800
"""Of the video in one clip, 20 s at 240/s: 2 min 40 s of slow motion, about a minute of work."""
MARK_S = 1 / 30
"""The mark is shown this long before and after the last contact, 8 frames at 240/s."""
PROGRESS_FRAMES = 20
"""Progress is reported once for so many frames."""
_BOX_RGB, _MARK_RGB = (61, 220, 151), (255, 196, 0)
_TEXT_BACKGROUND_RGB, _TEXT_RGB = (20, 24, 22), (255, 255, 255)


@dataclass(frozen=True)
class ClipMark:
    """The text shown at a push-off, in ASCII: `push-off 2, left`."""

    frame: int
    text: str


@dataclass(frozen=True)
class ClipPlan:
    """Which frames of the video are shown, and how: `start` to before `stop`."""

    start: int
    stop: int
    capture_fps: Fraction
    show_seconds: bool
    """Show the time beside the frame number; false when the camera's rate is not known."""
    marks: tuple[ClipMark, ...] = ()

    @property
    def end(self) -> int:
        """The first frame after the clip: `stop`, or earlier in a clip of the greatest length."""
        return min(self.stop, self.start + MAX_CLIP_FRAMES)

    @property
    def slow_down(self) -> int:
        """How many times slower than real time it plays, if the camera's rate is right."""
        return SLOW_DOWN if self.capture_fps >= _FAST_CAMERA_FPS else SLOW_CAMERA_SLOW_DOWN

    @property
    def repeats(self) -> int:
        """How often each frame is shown."""
        return max(-(-MIN_PLAYBACK_FPS * self.slow_down // self.capture_fps), 1)

    @property
    def file_fps(self) -> Fraction:
        """Frames per second of the clip's file."""
        return self.capture_fps / self.slow_down * self.repeats


def write_clip(
    preview: Path,
    plan: ClipPlan,
    boxes: Mapping[int, Box],
    out: Path,
    on_progress: OnProgress = ignore_progress,
) -> int:
    """Write the clip as MP4; returns how many of the video's frames it shows.

    `boxes` are the athlete's by frame number, in pixels of the preview, for frames with somebody.
    Raises VideoRefused for a damaged preview, StorageFailed.
    """
    count, total = 0, plan.end - plan.start
    with VideoWriter(out, plan.file_fps) as writer:
        for frame, image in iterate_preview(preview, plan.start, plan.end):
            annotated = annotate(image, frame, plan, boxes.get(frame))
            for _ in range(plan.repeats):
                writer.write(annotated)
            count += 1
            if count % PROGRESS_FRAMES == 0:
                on_progress(Progress("rendering the clip", count, total, "frame"))
    return count


def annotate(image: np.ndarray, frame: int, plan: ClipPlan, box: Box | None) -> np.ndarray:
    """(H, W, 3) uint8 RGB: a copy with the athlete's box, the mark and a frame counter."""
    canvas = np.ascontiguousarray(image).copy()
    visible = [mark for mark in plan.marks if abs(mark.frame - frame) <= plan.capture_fps * MARK_S]
    is_push_off = any(mark.frame == frame for mark in visible)
    if box is not None:
        corners = (box.x_px, box.y_px), (box.x_px + box.width_px, box.y_px + box.height_px)
        colour, thickness = (_MARK_RGB, 4) if is_push_off else (_BOX_RGB, 2)
        cv2.rectangle(canvas, *corners, colour, thickness)
    counter = f"frame {frame}"
    if plan.show_seconds:
        counter += f"  {float(frame / plan.capture_fps):.3f} s"
    _draw_text(canvas, counter, _TEXT_RGB, bottom=True)
    for mark in visible[:1]:
        text = mark.text + (" - last contact" if is_push_off else "")
        _draw_text(canvas, text, _MARK_RGB, bottom=False)
    return canvas


def _draw_text(
    canvas: np.ndarray, text: str, colour: tuple[int, int, int], *, bottom: bool
) -> None:
    """One line on a dark background at the upper or lower left."""
    height, width = canvas.shape[:2]
    scale, font = max(width / 1200, 0.35), cv2.FONT_HERSHEY_SIMPLEX
    (text_width, text_height), baseline = cv2.getTextSize(text, font, scale, 1)
    y = height - baseline - 6 if bottom else text_height + 8
    lower_right = (text_width + 12, y + baseline + 4)
    cv2.rectangle(canvas, (0, y - text_height - 6), lower_right, _TEXT_BACKGROUND_RGB, -1)
    cv2.putText(canvas, text, (6, y), font, scale, colour, 1, cv2.LINE_AA)
