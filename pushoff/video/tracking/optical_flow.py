"""Corners, and where they are in another image (pyramidal Lucas-Kanade). Door: cv2."""

import cv2
import numpy as np


def find_corners(
    image: np.ndarray,
    max_count: int,
    quality: float,
    spacing_px: int,
    mask: np.ndarray | None = None,
) -> np.ndarray:
    """(K, 1, 2) float32 x, y of the strongest corners of an (h, w) uint8 image; K may be 0.

    `quality` is the least strength as a share of the strongest corner's; `mask` (h, w) uint8 is
    not zero where corners are looked for.
    """
    corners = cv2.goodFeaturesToTrack(image, max_count, quality, spacing_px, mask=mask)
    if corners is None:  # OpenCV's answer where there is none
        return np.empty((0, 1, 2), np.float32)
    return corners


def follow_points(
    image: np.ndarray, other: np.ndarray, points: np.ndarray, window_px: int, *, levels: int = 3
) -> tuple[np.ndarray, np.ndarray]:
    """Where (K, 1, 2) float32 points of an (h, w) uint8 image are in the other one.

    Returns their (K, 1, 2) positions and (K,) bool, False where a point was lost. `window_px` is
    the side of the patch that is compared, `levels` the number of the pyramid's coarser levels.
    K is at least 1.
    """
    start = np.empty_like(points)  # only written to: the search begins at the points themselves
    moved, status, _ = cv2.calcOpticalFlowPyrLK(
        image, other, points, start, winSize=(window_px, window_px), maxLevel=levels
    )
    return moved, status.ravel() == 1
