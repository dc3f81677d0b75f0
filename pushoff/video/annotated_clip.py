"""An annotated slow-motion clip out of a video's preview. Doors: PyAV, cv2."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

from pushoff.values import Box
from pushoff.video.preview import VideoWriter, preview_frames

SLOWNESS, SLOWNESS_OF_SLOW_CAMERAS = 8, 4
"""A clip of a camera at 100/s and more plays at 1/8 of life's speed: 240/s as 30/s, every frame
once. Slower cameras have no frames for that: they play at 1/4."""
_FAST_FPS = 100
SMOOTH_FPS = 24
"""A clip that would play slower shows each frame as often as it takes."""
LONGEST_FRAMES = 4800
"""Of the video in one clip, 20 s at 240/s: 2 min 40 s of slow motion, about a minute of work."""
MARKED_S = 1 / 30
"""So long before and after the last contact its mark is seen, 8 frames at 240/s."""
_BOX, _MARK, _PAPER, _INK = (61, 220, 151), (255, 196, 0), (20, 24, 22), (255, 255, 255)


@dataclass(frozen=True)
class ClipMark:
    """What is written when a push-off comes by, in ASCII: `push-off 2, left`."""

    frame: int
    text: str


@dataclass(frozen=True)
class ClipPlan:
    """Frames `start` to `stop` (left out) of the video, and how they are shown."""

    start: int
    stop: int
    capture_fps: Fraction
    timed: bool
    """Seconds are written beside the frame's number."""
    marks: tuple[ClipMark, ...] = ()

    @property
    def end(self) -> int:
        """Where the clip ends, this frame left out: at `stop`, or where it is long enough."""
        return min(self.stop, self.start + LONGEST_FRAMES)

    @property
    def slowness(self) -> int:
        """How many times slower than life it plays, if the camera's rate is right."""
        return SLOWNESS if self.capture_fps >= _FAST_FPS else SLOWNESS_OF_SLOW_CAMERAS

    @property
    def repeats(self) -> int:
        """How often each frame is shown."""
        return max(-(-SMOOTH_FPS * self.slowness // self.capture_fps), 1)

    @property
    def file_fps(self) -> Fraction:
        """At what rate the clip's file plays."""
        return self.capture_fps / self.slowness * self.repeats


def write_clip(
    preview: Path,
    plan: ClipPlan,
    boxes: Mapping[int, Box],
    out: Path,
    heard: Callable[[int], None] = lambda frames: None,
) -> int:
    """Write the clip; returns how many of the video's frames it shows.

    `boxes`: by frame number, in pixels of the preview, where somebody is seen.
    Raises VideoRefused for a damaged preview, StorageFailed.
    """
    count = 0
    with VideoWriter(out, plan.file_fps) as writer:
        for frame, image in preview_frames(preview, plan.start, plan.end):
            shown = annotated(image, frame, plan, boxes.get(frame))
            for _ in range(plan.repeats):
                writer.write(shown)
            count += 1
            heard(count)
    return count


def annotated(image: np.ndarray, frame: int, plan: ClipPlan, box: Box | None) -> np.ndarray:
    """(H, W, 3) uint8 RGB: the frame with the athlete's box, its mark and a counter."""
    picture = np.ascontiguousarray(image)
    near = [mark for mark in plan.marks if abs(mark.frame - frame) <= plan.capture_fps * MARKED_S]
    here = any(mark.frame == frame for mark in near)
    if box is not None:
        corners = (box.x_px, box.y_px), (box.x_px + box.width_px, box.y_px + box.height_px)
        cv2.rectangle(picture, *corners, _MARK if here else _BOX, 4 if here else 2)
    counter = f"frame {frame}"
    if plan.timed:
        counter += f"  {float(frame / plan.capture_fps):.3f} s"
    _write(picture, counter, _INK, bottom=True)
    for mark in near[:1]:
        _write(picture, mark.text + (" - last contact" if here else ""), _MARK, bottom=False)
    return picture


def _write(picture: np.ndarray, text: str, colour: tuple[int, int, int], *, bottom: bool) -> None:
    """A line on dark ground at the upper or lower left."""
    height, width = picture.shape[:2]
    scale, font = max(width / 1200, 0.35), cv2.FONT_HERSHEY_SIMPLEX
    (wide, tall), below = cv2.getTextSize(text, font, scale, 1)
    y = height - below - 6 if bottom else tall + 8
    cv2.rectangle(picture, (0, y - tall - 6), (wide + 12, y + below + 4), _PAPER, -1)
    cv2.putText(picture, text, (6, y), font, scale, colour, 1, cv2.LINE_AA)
