"""Takes out the small sway of a camera on a soft tripod or in a hand. Door: cv2."""

import cv2
import numpy as np

_STEPS = 110
"""The sway is measured at this many moments of a film and interpolated between them."""
_STILL_PX = 0.35
"""Less sway than this is measuring error: the camera stood still."""
_PANS = 0.12
"""Sway over this share of the width is a panning camera."""
_MIN_POINTS = 12


def steady(small: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """Lay every frame over the middle one, by turn, zoom and shift.

    Takes (N, h, w) uint8. Returns the steadied frames and (N, 2, 3) transforms from each frame to
    its steadied self; None when the camera pans or the picture cuts.
    """
    count, height, width = small.shape
    moments = np.unique(np.linspace(0, count - 1, min(_STEPS, count)).astype(int))
    middle = len(moments) // 2
    chain = np.tile(np.eye(3), (len(moments), 1, 1))
    for step in range(middle + 1, len(moments)):
        move = _between(small[moments[step]], small[moments[step - 1]])
        if move is None:
            return None
        chain[step] = chain[step - 1] @ move
    for step in range(middle - 1, -1, -1):
        move = _between(small[moments[step]], small[moments[step + 1]])
        if move is None:
            return None
        chain[step] = chain[step + 1] @ move
    corners = np.array([[0, 0, 1], [width, 0, 1], [0, height, 1], [width, height, 1.0]])
    shifts = (chain @ corners.T - corners.T)[:, :2]
    sway = float(np.hypot(shifts[:, 0], shifts[:, 1]).max())
    if sway > _PANS * width:
        return None
    if sway < _STILL_PX:
        return small, np.tile(np.eye(2, 3), (count, 1, 1))
    index = np.arange(count)
    transforms = np.empty((count, 2, 3))
    for row in range(2):
        for column in range(3):
            transforms[:, row, column] = np.interp(index, moments, chain[:, row, column])
    steadied = np.stack(
        [
            cv2.warpAffine(picture, transform, (width, height), borderMode=cv2.BORDER_REPLICATE)
            for picture, transform in zip(small, transforms, strict=True)
        ]
    )
    return steadied, transforms


def back(points: np.ndarray, transforms: np.ndarray) -> np.ndarray:
    """(N, 2) points of steadied frames, where they lie in the frames as filmed."""
    inverse = np.linalg.inv(transforms[:, :, :2])
    return np.einsum("nij,nj->ni", inverse, points - transforms[:, :, 2])


def _between(one: np.ndarray, other: np.ndarray) -> np.ndarray | None:
    """(3, 3) turn, zoom and shift from one frame to the other; None when nothing fits.

    Follows corners; the athlete's are outvoted. A picture without corners counts as still.
    """
    corners = cv2.goodFeaturesToTrack(one, 240, 0.02, 6)
    if corners is None or len(corners) < _MIN_POINTS:
        return np.eye(3)
    moved, seen, _ = cv2.calcOpticalFlowPyrLK(one, other, corners, None, winSize=(15, 15))
    kept = seen.ravel() == 1
    if kept.sum() < _MIN_POINTS:
        return None
    move, inliers = cv2.estimateAffinePartial2D(
        corners[kept], moved[kept], ransacReprojThreshold=1.0
    )
    if move is None or inliers.mean() < 0.35:
        return None
    return np.vstack([move, [0, 0, 1]])
