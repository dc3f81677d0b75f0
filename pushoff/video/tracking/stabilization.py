"""Takes out the small sway of a camera on a soft tripod or in a hand. Door: cv2."""

import cv2
import numpy as np

_STEPS = 110
"""The sway is measured at this many moments of a video and interpolated between them."""
_STILL_PX = 0.35
"""Less sway than this is measuring error: the camera stood still."""
_PANS = 0.12
"""Sway over this share of the width is a panning camera."""
_KNOCK = 0.006
"""Share of the width by which a picture jumps between two moments when the tripod is knocked;
wind and breathing measured on the shared videos stay below a third of it."""
_ONE_KNOCK = 15
"""Frames within which jumps are the swinging after one knock."""
_MIN_POINTS = 12


def stabilize(small: np.ndarray) -> tuple[np.ndarray, np.ndarray, tuple[int, ...]] | None:
    """Lay every frame over the middle one, by turn, zoom and shift.

    Takes (N, h, w) uint8. Returns the steadied frames, (N, 2, 3) transforms from each frame to
    its steadied self, and the frames in which somebody knocked the camera; None when the camera
    pans or the picture cuts.
    """
    count, height, width = small.shape
    moments = np.unique(np.linspace(0, count - 1, min(_STEPS, count)).astype(int))
    chain = _chain(small, moments)
    if chain is None:
        return None
    knocks = _knocks(small, moments, chain)
    if knocks:  # what is measured at the knock itself must not be interpolated over it
        moments = np.unique([*moments, *knocks, *(at - 1 for at in knocks)])
        chain = _chain(small, moments)
        if chain is None:
            return None
    corners = np.array([[0, 0, 1], [width, 0, 1], [0, height, 1], [width, height, 1.0]])
    shifts = (chain @ corners.T - corners.T)[:, :2]
    sway = float(np.hypot(shifts[:, 0], shifts[:, 1]).max())
    if sway > _PANS * width:
        return None
    if sway < _STILL_PX:
        return small, np.tile(np.eye(2, 3), (count, 1, 1)), ()
    index = np.arange(count)
    transforms = np.empty((count, 2, 3))
    for row in range(2):
        for column in range(3):
            transforms[:, row, column] = np.interp(index, moments, chain[:, row, column])
    steadied = np.empty_like(small)
    for at, (picture, transform) in enumerate(zip(small, transforms, strict=True)):
        steadied[at] = cv2.warpAffine(
            picture, transform, (width, height), borderMode=cv2.BORDER_REPLICATE
        )
    return steadied, transforms, tuple(knocks)


def _chain(small: np.ndarray, moments: np.ndarray) -> np.ndarray | None:
    """(M, 3, 3) from the frame of each moment to that of the middle one; None: no way there."""
    middle = len(moments) // 2
    chain = np.tile(np.eye(3), (len(moments), 1, 1))
    for steps, toward in (
        (range(middle + 1, len(moments)), -1),
        (range(middle - 1, -1, -1), 1),
    ):
        for step in steps:
            move = estimate_motion(small[moments[step]], small[moments[step + toward]])
            if move is None:
                return None
            chain[step] = chain[step + toward] @ move
    return chain


def _knocks(small: np.ndarray, moments: np.ndarray, chain: np.ndarray) -> list[int]:
    """Frames in which an otherwise quiet camera jumps; one for each knock."""
    width = small.shape[2]
    middle = np.array([width / 2, small.shape[1] / 2, 1.0])
    jumps = np.hypot(*np.diff((chain @ middle)[:, :2], axis=0).T)
    if not len(jumps) or np.median(jumps) > 0.25 * _KNOCK * width:
        return []
    knocks: list[int] = []
    for gap in np.flatnonzero(jumps > _KNOCK * width):
        frames = range(moments[gap] + 1, moments[gap + 1] + 1)
        sizes = []
        for at in frames:
            move = estimate_motion(small[at - 1], small[at])
            sizes.append(0.0 if move is None else float(np.hypot(*(move @ middle - middle)[:2])))
        at = frames[int(np.argmax(sizes))]
        if not knocks or at - knocks[-1] > _ONE_KNOCK:
            knocks.append(int(at))
    return knocks


def unstabilize(points: np.ndarray, transforms: np.ndarray) -> np.ndarray:
    """(N, 2) points of steadied frames, where they lie in the frames as filmed."""
    inverse = np.linalg.inv(transforms[:, :, :2])
    return np.einsum("nij,nj->ni", inverse, points - transforms[:, :, 2])


def estimate_motion(one: np.ndarray, other: np.ndarray) -> np.ndarray | None:
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
