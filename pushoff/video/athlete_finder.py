"""Where the athlete is in a picture of which nothing else is known, such as one uploaded by hand.

In a video the athlete is whoever travels; in a picture it is the body that is seen best.
"""

import math
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING

import numpy as np

from pushoff.values import Box

if TYPE_CHECKING:
    from pushoff.video.pose import PoseFinder

STATURE_IN_BOX = 0.57
"""Trunk, thigh and shank together, as a share of the side of the tracker's box: the medians of 7
shared clips are 0.51 to 0.70. With it 8 in 10 boxes are 0.8 to 1.3 times as large as the tracker's.
The landmarks' own bounding box is half as large in a crouch as in a stride."""
MARGIN = 1.1
"""Least side of the box over the landmarks' bounding box: a leg towards the camera looks short."""
WIDE = 1.3
"""A picture whose longer side is more than this many shorter ones is searched in squares too. In
1280x720 clips with athletes 150 px tall the pose model found the athlete in 3 of 43 whole frames
and in 41 of 43 when it was shown squares."""
STEP = 0.5
"""Largest distance of two squares, in units of their side."""
_SHOULDERS, _HIPS = (11, 12), (23, 24)
_LEGS = ((23, 25, 27), (24, 26, 28))
"""Hip, knee and ankle of the left and the right leg."""


class AthleteFinder:
    """Finds the athlete in pictures, one at a time. Thread-safe; a context manager.

    MediaPipe is imported and the pose model opened when the first picture is searched.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()  # more threads inside would only share the cores
        self._opened = ExitStack()
        self._poses: PoseFinder | None = None
        self._closed = False

    def __enter__(self) -> "AthleteFinder":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the pose model; `find` raises RuntimeError from then on."""
        with self._lock:
            self._opened.close()
            self._poses, self._closed = None, True

    def find(self, image: np.ndarray) -> Box | None:
        """The athlete's box in an (H, W, 3) uint8 RGB image, as the tracker would give it.

        None where nobody is seen. Raises SettingWrong when the pose model cannot be opened.
        """
        with self._lock:
            poses = self._open()
            bodies = [body for body in _bodies(poses, image) if body is not None]
        if not bodies:
            return None
        best = max(bodies, key=lambda body: float(body[:, 3].mean()))
        return athlete_box(best, image.shape[1], image.shape[0])

    def _open(self) -> "PoseFinder":
        from pushoff.video.pose import PoseFinder

        if self._closed:
            raise RuntimeError("the athlete finder is closed")
        if self._poses is None:
            self._poses = self._opened.enter_context(PoseFinder(tracking=False))
        return self._poses


def athlete_box(body: np.ndarray, width_px: int, height_px: int) -> Box:
    """A square around a body, inside the image.

    `body` is (33, 4): x and y of MediaPipe's landmarks in pixels of an image of this size, depth,
    visibility. The side comes from the lengths of trunk and leg, so that it hardly changes with the
    posture.
    """
    points = body[:, :2]
    trunk = math.dist(points[_SHOULDERS, :].mean(0), points[_HIPS, :].mean(0))
    legs = [
        math.dist(points[hip], points[knee]) + math.dist(points[knee], points[ankle])
        for hip, knee, ankle in _LEGS
    ]
    low, high = points.min(0), points.max(0)
    side = max((trunk + max(legs)) / STATURE_IN_BOX, MARGIN * float((high - low).max()))
    side_px = round(min(max(side, 8.0), width_px, height_px))
    left, top = (
        min(max(round(float(middle) - side_px / 2), 0), length - side_px)
        for middle, length in zip((low + high) / 2, (width_px, height_px), strict=True)
    )
    return Box(left, top, side_px, side_px)


def views(width_px: int, height_px: int) -> Iterator[Box]:
    """The parts of an image that are searched: all of it, and squares along its longer side."""
    yield Box(0, 0, width_px, height_px)
    side, length = min(width_px, height_px), max(width_px, height_px)
    if length <= WIDE * side:
        return
    count = math.ceil((length / side - 1) / STEP) + 1
    for start in np.linspace(0, length - side, count).round().astype(int).tolist():
        yield Box(start, 0, side, side) if width_px > height_px else Box(0, start, side, side)


def _bodies(poses: "PoseFinder", image: np.ndarray) -> Iterator[np.ndarray | None]:
    """(33, 4) landmarks in the pixels of the image for each view; None where nobody was found."""
    for view in views(image.shape[1], image.shape[0]):
        rows = slice(view.y_px, view.y_px + view.height_px)
        columns = slice(view.x_px, view.x_px + view.width_px)
        body = poses.find(image[rows, columns])
        if np.isnan(body).any():
            yield None
            continue
        body[:, 0] = body[:, 0] * view.width_px + view.x_px
        body[:, 1] = body[:, 1] * view.height_px + view.y_px
        yield body
