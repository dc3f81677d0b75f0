"""Takes out the small sway of a camera on a soft tripod or in a hand. Door: cv2."""

from dataclasses import dataclass

import cv2
import numpy as np

from pushoff.video.tracking.optical_flow import find_corners, follow_points

_SAMPLES = 110
"""The sway is measured at this many frames of a video and interpolated between them."""
_STILL_PX = 0.35
"""Less sway than this is measurement error: the camera stood still."""
_MAX_SWAY = 0.12
"""Sway over this share of the longer side is a panning camera: a hand shakes as much upright."""
_JOLT = 0.006
"""Share of the longer side by which an image jumps between two samples when the tripod is knocked;
wind and breathing measured on the shared videos stay below a third of it."""
_JOLT_FRAMES = 15
"""Jumps within so many frames are the swinging after one jolt."""
_MIN_POINTS = 12
_FLOW_WINDOW_PX = 15


@dataclass(frozen=True, eq=False)
class Stabilized:
    """The frames of a fixed camera, laid over their middle one."""

    images: np.ndarray
    """(N, h, w) uint8."""
    transforms: np.ndarray
    """(N, 2, 3) affine, from each frame as filmed to its stabilized self."""
    jolts: tuple[int, ...]
    """Frames in which somebody knocked the camera."""


def stabilize(images: np.ndarray) -> Stabilized | None:
    """Lay every one of (N, h, w) uint8 frames over the middle one, by rotation, zoom and shift.

    None when the camera pans or the scene changes.
    """
    count, height, width = images.shape
    samples = np.unique(np.linspace(0, count - 1, min(_SAMPLES, count)).astype(int))
    chain = _chain(images, samples)
    if chain is None:
        return None
    jolts = _jolts(images, samples, chain)
    if jolts:  # the motion at the jolt itself must not be interpolated over
        samples = np.unique([*samples, *jolts, *(frame - 1 for frame in jolts)])
        chain = _chain(images, samples)
        if chain is None:
            return None
    corners = np.array([[0, 0, 1], [width, 0, 1], [0, height, 1], [width, height, 1.0]])
    shifts = (chain @ corners.T - corners.T)[:, :2]
    sway_px = float(np.hypot(shifts[:, 0], shifts[:, 1]).max())
    if sway_px > _MAX_SWAY * max(height, width):
        return None
    if sway_px < _STILL_PX:
        return Stabilized(images, np.tile(np.eye(2, 3), (count, 1, 1)), ())
    frames = np.arange(count)
    transforms = np.empty((count, 2, 3))
    for row in range(2):
        for column in range(3):
            transforms[:, row, column] = np.interp(frames, samples, chain[:, row, column])
    stabilized = np.empty_like(images)
    for frame, (image, transform) in enumerate(zip(images, transforms, strict=True)):
        stabilized[frame] = cv2.warpAffine(
            image, transform, (width, height), borderMode=cv2.BORDER_REPLICATE
        )
    return Stabilized(stabilized, transforms, tuple(jolts))


def unstabilize(points: np.ndarray, transforms: np.ndarray) -> np.ndarray:
    """Where (N, 2) points of stabilized frames lie in the frames as filmed, (N, 2)."""
    inverse = np.linalg.inv(transforms[:, :, :2])
    return np.einsum("nij,nj->ni", inverse, points - transforms[:, :, 2])


def estimate_motion(image: np.ndarray, other: np.ndarray) -> np.ndarray | None:
    """(3, 3) rotation, zoom and shift from one (h, w) uint8 image to the other.

    None when no motion fits. Follows corners; those of the athlete are outvoted. An image without
    corners counts as still.
    """
    corners = find_corners(image, 240, 0.02, 6)
    if len(corners) < _MIN_POINTS:
        return np.eye(3)
    moved, followed = follow_points(image, other, corners, _FLOW_WINDOW_PX)
    if followed.sum() < _MIN_POINTS:
        return None
    motion, inliers = cv2.estimateAffinePartial2D(
        corners[followed], moved[followed], ransacReprojThreshold=1.0
    )
    if motion is None or inliers.mean() < 0.35:
        return None
    return np.vstack([motion, [0, 0, 1]])


def _chain(images: np.ndarray, samples: np.ndarray) -> np.ndarray | None:
    """(M, 3, 3) from each sampled frame to the middle one; None where a motion is unknown."""
    middle = len(samples) // 2
    chain = np.tile(np.eye(3), (len(samples), 1, 1))
    for steps, toward in (
        (range(middle + 1, len(samples)), -1),
        (range(middle - 1, -1, -1), 1),
    ):
        for step in steps:
            motion = estimate_motion(images[samples[step]], images[samples[step + toward]])
            if motion is None:
                return None
            chain[step] = chain[step + toward] @ motion
    return chain


def _jolts(images: np.ndarray, samples: np.ndarray, chain: np.ndarray) -> list[int]:
    """Frames in which an otherwise quiet camera jumps; one for each jolt."""
    height, width = images.shape[1:]
    side = max(height, width)
    middle = np.array([width / 2, height / 2, 1.0])
    jumps = np.hypot(*np.diff((chain @ middle)[:, :2], axis=0).T)
    if not len(jumps) or np.median(jumps) > 0.25 * _JOLT * side:
        return []
    jolts: list[int] = []
    for gap in np.flatnonzero(jumps > _JOLT * side):
        frames = range(samples[gap] + 1, samples[gap + 1] + 1)
        sizes = []
        for frame in frames:
            motion = estimate_motion(images[frame - 1], images[frame])
            jump = 0.0 if motion is None else float(np.hypot(*(motion @ middle - middle)[:2]))
            sizes.append(jump)
        largest = frames[int(np.argmax(sizes))]
        if not jolts or largest - jolts[-1] > _JOLT_FRAMES:
            jolts.append(int(largest))
    return jolts
