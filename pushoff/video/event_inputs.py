"""What the event model sees of each frame: the athlete now, and what moved about them.

Two square pictures per frame, of the same place: the colours at that moment; and how much each
point changed since a moment before, over both moments, and until a moment after, as red, green and
blue. In the second, what stands on the ground is black, whoever the athlete and wherever the
place: a foot in contact is the part of a leg that is missing. Door: cv2.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from pushoff.values import Box, VideoInfo
from pushoff.video.decoding.decode import decode
from pushoff.video.tracking.athlete import AthleteTrack

MARGIN = 1.04
"""The pictures' side over the athlete's box. Wider ones measured worse on held-out sprint clips
(exact-frame F1 0.81 at 1.2 and 192 px against 0.84 at 1.0 and 224 px): the feet get too small."""
MOMENT_S = 1 / 30
"""Time between the three moments: a swinging foot then moves by its own length, and videos of any
rate show the same motion."""


@dataclass(frozen=True, eq=False)
class EventInput:
    """The two pictures of one frame, (S, S, 3) uint8 each."""

    index: int
    colours: np.ndarray
    """RGB."""
    motion: np.ndarray
    """Change before to now, before to after, now to after."""


def frames_per_moment(info: VideoInfo) -> int:
    """Frames nearest to MOMENT_S at the camera's rate, at least one: 8 at 240/s."""
    return max(round(MOMENT_S * float(info.capture_rate)), 1)


def event_inputs(
    path: Path, info: VideoInfo, track: AthleteTrack, size_px: int
) -> Iterator[EventInput]:
    """The views of every frame of a video, in order. Raises VideoRefused as decoding does.

    Holds as many full-size grey frames as lie between the three moments, never the video.
    """
    reach = frames_per_moment(info)
    window: deque[tuple[int, np.ndarray, np.ndarray]] = deque()  # index, RGB crop, grey frame
    count = len(track.boxes)
    for frame in decode(path, info).frames():
        index = frame.ref.index
        if index >= count:
            break
        square = _square(track.boxes[index])
        grey = cv2.cvtColor(frame.image, cv2.COLOR_RGB2GRAY)
        window.append((index, _cut(frame.image, square, size_px), grey))
        if len(window) > 2 * reach + 1:
            window.popleft()
        if len(window) > reach:
            yield _view(window, index - reach, reach, track, size_px)
    if window:
        last = window[-1][0]
        for index in range(max(last - reach + 1, window[0][0]), last + 1):
            yield _view(window, index, reach, track, size_px)


def _view(
    window: deque[tuple[int, np.ndarray, np.ndarray]],
    index: int,
    reach: int,
    track: AthleteTrack,
    size_px: int,
) -> EventInput:
    first, last = window[0][0], window[-1][0]
    square = _square(track.boxes[index])
    moments = [min(max(index + shift, first), last) for shift in (-reach, 0, reach)]
    cuts = []
    for moment in moments:
        moved = track.camera_shift_px(index, moment)
        there = (square[0] + moved[0], square[1] + moved[1], square[2])
        cuts.append(_cut(window[moment - first][2], there, size_px))
    return EventInput(index, window[index - first][1], motion_picture(*cuts))


def motion_picture(before: np.ndarray, now: np.ndarray, after: np.ndarray) -> np.ndarray:
    """(S, S, 3) uint8 from three (S, S) uint8 brightnesses: what changed, noise taken out.

    The usual change (sensor noise, a swaying camera) is black, the largest two in a hundred are
    white; where nothing moves noise is not blown up.
    """
    pairs = ((now, before), (after, before), (after, now))
    changes = np.stack([cv2.absdiff(one, other) for one, other in pairs], axis=2)
    sample = changes[::3, ::3]
    dark = 1.5 * float(np.median(sample)) + 2
    bright = max(float(np.percentile(sample, 98)), dark + 15)
    scaled = (changes.astype(np.float32) - dark) * (235 / (bright - dark))
    return np.clip(scaled, 0, 255).astype(np.uint8)


def _square(box: Box) -> tuple[float, float, float]:
    """Left, top and side of the square looked at: the box with its margin, middle kept."""
    side = MARGIN * max(box.width_px, box.height_px)
    return (
        box.x_px + box.width_px / 2 - side / 2,
        box.y_px + box.height_px / 2 - side / 2,
        side,
    )


def _cut(image: np.ndarray, square: tuple[float, float, float], size_px: int) -> np.ndarray:
    """(S, S) or (S, S, 3) uint8 of a square, edges held where it leaves the picture.

    Edges are held, not moved inside: all three moments must show the same place.
    """
    left, top, side = square
    height, width = image.shape[:2]
    reduce = max(round(side / size_px), 1)
    x0, y0 = max(int(left) - reduce, 0), max(int(top) - reduce, 0)
    x1, y1 = min(int(left + side) + reduce + 2, width), min(int(top + side) + reduce + 2, height)
    if x1 <= x0 or y1 <= y0:
        return np.zeros((size_px, size_px, *image.shape[2:]), np.uint8)
    part = np.ascontiguousarray(image[y0:y1, x0:x1])
    if reduce > 1:  # average what the coarser grid would skip
        part = cv2.blur(part, (reduce, reduce))
    scale = size_px / side
    matrix = np.array([[scale, 0, (x0 - left) * scale], [0, scale, (y0 - top) * scale]])
    return cv2.warpAffine(
        part, matrix, (size_px, size_px), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
