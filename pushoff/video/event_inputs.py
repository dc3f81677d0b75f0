"""The network's input for each frame: the athlete, and what moves around them. Door: cv2.

Two square images per frame, of the same place. The first has the colours of the frame. The second
has how much each point changed since a moment before, over both moments, and until a moment after,
as red, green and blue. In it whatever stands on the ground is black, whoever the athlete and
wherever the venue: a foot in contact is the part of a leg that is missing.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from pushoff.values import Box, VideoInfo
from pushoff.video.decoding.decode import decode
from pushoff.video.pose import pose_input
from pushoff.video.tracking.athlete import AthleteTrack

MARGIN = 1.04
"""The images' side over the athlete's box. Wider ones measured worse on held-out sprint clips
(exact-frame F1 0.81 at 1.2 and 192 px against 0.84 at 1.0 and 224 px): the feet get too small."""
MOMENT_S = 1 / 30
"""Time between the three moments: a swinging foot then moves by its own length, and videos of any
frame rate show the same motion."""


@dataclass(frozen=True, eq=False)
class EventInput:
    """The two images of one frame, (S, S, 3) uint8 each."""

    index: int
    colours: np.ndarray
    """RGB."""
    motion: np.ndarray
    """Change before to now, before to after, now to after."""
    body: np.ndarray
    """(pose.SIDE_PX, pose.SIDE_PX, 3) uint8 RGB around the athlete, for `pose.PoseFinder`."""


def frames_per_moment(info: VideoInfo) -> int:
    """Frames nearest to MOMENT_S at the camera's rate, at least one: 8 at 240/s."""
    return max(round(MOMENT_S * float(info.capture_rate)), 1)


def event_inputs(
    path: Path, info: VideoInfo, track: AthleteTrack, size_px: int
) -> Iterator[EventInput]:
    """The input of every frame of a probed, tracked video, in order, `size_px` wide.

    Holds as many full-size grey frames as lie between the three moments, never the video. Raises
    VideoRefused.
    """
    reach = frames_per_moment(info)
    window: deque[_Moment] = deque()
    count = len(track.boxes)
    for frame in decode(path, info).frames():
        index = frame.ref.index
        if index >= count:
            break
        square = _square(track.boxes[index])
        grey = cv2.cvtColor(frame.image, cv2.COLOR_RGB2GRAY)
        crop = _crop(frame.image, square, size_px)
        window.append(_Moment(index, crop, grey, pose_input(frame.image, track.boxes[index])))
        if len(window) > 2 * reach + 1:
            window.popleft()
        if len(window) > reach:
            yield _event_input(window, index - reach, reach, track, size_px)
    if window:
        last = window[-1].index
        for index in range(max(last - reach + 1, window[0].index), last + 1):
            yield _event_input(window, index, reach, track, size_px)


@dataclass(frozen=True, eq=False)
class _Moment:
    """One frame of the window."""

    index: int
    crop: np.ndarray
    """RGB, of the athlete."""
    grey: np.ndarray
    """The whole frame."""
    body: np.ndarray


def _event_input(
    window: deque[_Moment],
    index: int,
    reach: int,
    track: AthleteTrack,
    size_px: int,
) -> EventInput:
    first, last = window[0].index, window[-1].index
    square = _square(track.boxes[index])
    moments = [min(max(index + shift, first), last) for shift in (-reach, 0, reach)]
    crops = []
    for moment in moments:
        shift_x, shift_y = track.camera_shift_px(index, moment)
        shifted = (square[0] + shift_x, square[1] + shift_y, square[2])
        crops.append(_crop(window[moment - first].grey, shifted, size_px))
    now = window[index - first]
    return EventInput(index, now.crop, motion_image(*crops), now.body)


def motion_image(before: np.ndarray, now: np.ndarray, after: np.ndarray) -> np.ndarray:
    """(S, S, 3) uint8 from three (S, S) uint8 grey images: what changed, noise taken out.

    The usual change (sensor noise, a swaying camera) is black, the largest 2 % are white; where
    nothing moves noise is not amplified.
    """
    pairs = ((now, before), (after, before), (after, now))
    changes: np.ndarray = np.stack([cv2.absdiff(image, other) for image, other in pairs], axis=2)
    sample = changes[::3, ::3]
    black = 1.5 * float(np.median(sample)) + 2
    white = max(float(np.percentile(sample, 98)), black + 15)
    scaled = (changes.astype(np.float32) - black) * (235 / (white - black))
    return np.clip(scaled, 0, 255).astype(np.uint8)


def athlete_crop(image: np.ndarray, box: Box | None, size_px: int) -> np.ndarray:
    """(size_px, size_px, 3) uint8 RGB around the athlete, the first picture of a video's frame.

    `image` is (H, W, 3) uint8 RGB, `box` the athlete in it; None: the whole image, its longer side
    filling the square.
    """
    height, width = image.shape[:2]
    return _crop(image, _square(box or Box(0, 0, width, height)), size_px)


def _square(box: Box) -> tuple[float, float, float]:
    """Left, top and side of the square around the box, with its margin."""
    side = MARGIN * max(box.width_px, box.height_px)
    return (
        box.x_px + box.width_px / 2 - side / 2,
        box.y_px + box.height_px / 2 - side / 2,
        side,
    )


def _crop(image: np.ndarray, square: tuple[float, float, float], size_px: int) -> np.ndarray:
    """(S, S) or (S, S, 3) uint8 of a square; beyond the image its edge is repeated.

    The square is not moved inside: all three moments must show the same place.
    """
    left, top, side = square
    height, width = image.shape[:2]
    factor = max(round(side / size_px), 1)
    x0, y0 = max(int(left) - factor, 0), max(int(top) - factor, 0)
    x1, y1 = min(int(left + side) + factor + 2, width), min(int(top + side) + factor + 2, height)
    if x1 <= x0 or y1 <= y0:
        return np.zeros((size_px, size_px, *image.shape[2:]), np.uint8)
    part = np.ascontiguousarray(image[y0:y1, x0:x1])
    if factor > 1:  # average the pixels that the coarser grid would skip
        part = cv2.blur(part, (factor, factor))
    scale = size_px / side
    matrix = np.array([[scale, 0, (x0 - left) * scale], [0, scale, (y0 - top) * scale]])
    return cv2.warpAffine(
        part, matrix, (size_px, size_px), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
