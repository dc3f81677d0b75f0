"""How a camera that follows the athlete moves, and the background behind them. Door: cv2.

The athlete stays in the middle of such a video, and may show more corners than the background: so
the camera's motion is the one that most parts of the image agree on, over the whole video.
"""

from itertools import pairwise

import cv2
import numpy as np

from pushoff.video.tracking.optical_flow import find_corners, follow_points

_CELL_PX = 16
"""Corners are counted by grid cells: many on one athlete are in few cells."""
_CANDIDATES = 5
_SAME_MOTION_PX = 1.2
"""Corners whose motions differ by less are one candidate."""
_CHANGE_COST, _MAX_CHANGE_COST = 1.5, 15.0
"""Support that each pixel of change in the camera's speed between frames costs."""
_UNUSUAL_COST = 8.0
"""Support that a speed unlike that of the seconds around it costs."""
_MIN_SHIFT, _MAX_SHIFT = 0.12, 0.75
"""Shift, in image widths, at which another frame shows what the athlete hides in this one."""
_SAMPLES = 11
UNKNOWN = 32767
"""The value of background pixels that no other frame shows."""
_FLOW_WINDOW_PX = 13


def distinct_frames(images: np.ndarray) -> np.ndarray:
    """Indices of (N, h, w) uint8 frames that are not a repeat of the one before.

    A video slowed down by its editor repeats frames; the encoder's noise in a repeat is a fraction
    of a grey level (0.01 to 0.2 measured on broadcast footage, against 3 and more for motion).
    """
    distinct = [0]
    for index in range(1, len(images)):
        change = cv2.absdiff(images[index, ::2, ::2], images[distinct[-1], ::2, ::2])
        if float(change.mean()) > 0.3:
            distinct.append(index)
    return np.array(distinct)


def estimate_camera_path(images: np.ndarray) -> np.ndarray:
    """(N, 3, 3) float: rotation, zoom and shift from each of (N, h, w) uint8 frames to the first.

    Each step has several candidate motions (the ground's, the athlete's, a spectator's); the
    camera's is the smooth sequence that most parts of the image agree with.
    """
    steps = [candidate_motions(image, following) for image, following in pairwise(images)]
    chain = np.tile(np.eye(3), (len(images), 1, 1))
    if not steps:
        return chain
    middle = np.array([images.shape[2] / 2, images.shape[1] / 2, 1.0])
    shifts = [np.array([(motion @ middle - middle)[:2] for motion, _ in step]) for step in steps]
    supports = [np.array([support for _, support in step]) for step in steps]
    chosen = _smoothest(shifts, supports)
    # where the athlete outvotes a bare background for a while, the seconds around it decide
    speeds = np.array([shift[row] for shift, row in zip(shifts, chosen, strict=True)])
    usual = _running_median(speeds, max(len(speeds) // 5, 12))
    supports = [
        support - _UNUSUAL_COST * _is_unusual(shift, usual_shift)
        for support, shift, usual_shift in zip(supports, shifts, usual, strict=True)
    ]
    chosen = _smoothest(shifts, supports)
    for index, (candidates, row) in enumerate(zip(steps, chosen, strict=True), 1):
        chain[index] = chain[index - 1] @ np.linalg.inv(candidates[row][0])
    return chain


def _smoothest(shifts: list[np.ndarray], supports: list[np.ndarray]) -> list[int]:
    """The candidate of each step: the sequence with the most support, changes of speed deducted."""
    totals, before = np.zeros(1), shifts[0][:1]
    links: list[np.ndarray] = []
    for shift, support in zip(shifts, supports, strict=True):
        changes = np.hypot(*(shift[:, None] - before[None]).transpose(2, 0, 1))
        reached = totals[None] - np.minimum(_CHANGE_COST * changes, _MAX_CHANGE_COST)
        links.append(reached.argmax(1))
        totals, before = reached.max(1) + support, shift
    chosen = [int(totals.argmax())]
    for link in links[:0:-1]:
        chosen.append(int(link[chosen[-1]]))
    return chosen[::-1]


def _is_unusual(shifts: np.ndarray, usual: np.ndarray) -> np.ndarray:
    """(K,) bool: (K, 2) shifts of under 0.4 or over 2.3 times the usual (2,), or sideways to it.

    Twice is common: a converted video drops or doubles single frames.
    """
    size = float(np.hypot(*usual))
    if size < 0.5:
        return np.zeros(len(shifts), bool)
    along = shifts @ usual / size
    across = np.abs(shifts @ np.array([-usual[1], usual[0]])) / size
    return (along < 0.4 * size) | (along > 2.3 * size) | (across > 0.4 * size + 1)


def _running_median(values: np.ndarray, reach: int) -> np.ndarray:
    """(N, 2) running median over `reach` steps to either side."""
    return np.stack(
        [
            np.median(values[max(index - reach, 0) : index + reach + 1], axis=0)
            for index in range(len(values))
        ]
    )


def candidate_motions(image: np.ndarray, other: np.ndarray) -> list[tuple[np.ndarray, float]]:
    """(3, 3) motions from one (h, w) uint8 frame to the other, each with its support.

    The support is how widely the corners that agree are spread; the last candidate, no motion at
    all, has none.
    """
    corners = find_corners(image, 400, 0.005, 4)
    still = [(np.eye(3), 0.0)]
    if not len(corners):
        return still
    moved, followed = follow_points(image, other, corners, _FLOW_WINDOW_PX)
    back, returned = follow_points(other, image, moved, _FLOW_WINDOW_PX)
    good = followed & returned
    good &= np.abs(back - corners).reshape(-1, 2).max(1) < 0.5
    start, end = corners.reshape(-1, 2)[good], moved.reshape(-1, 2)[good]
    candidates: list[tuple[np.ndarray, float]] = []
    for _ in range(_CANDIDATES):
        if len(start) < 4:
            break
        shift = end - start
        same_motion = np.abs(shift[:, None] - shift[None]).max(2) < _SAME_MOTION_PX
        cells = start.astype(int) // _CELL_PX
        order = np.argsort(-same_motion.sum(1))[:12]
        spreads = [_spread(cells[same_motion[row]]) for row in order]
        alike = same_motion[order[int(np.argmax(spreads))]]
        motion = np.eye(3)
        motion[:2, 2] = np.median(shift[alike], axis=0)
        if alike.sum() >= 12 and _spread(cells[alike]) >= 8:
            fitted, _ = cv2.estimateAffinePartial2D(
                start[alike], end[alike], ransacReprojThreshold=0.7
            )
            if fitted is not None and abs(np.hypot(fitted[0, 0], fitted[1, 0]) - 1) < 0.02:
                motion = np.vstack([fitted, [0, 0, 1]])
        candidates.append((motion, _spread(cells[alike])))
        start, end = start[~alike], end[~alike]
    return candidates + still


def _spread(cells: np.ndarray) -> float:
    """How widely (M, 2) grid cells of agreeing corners are spread: an athlete is tall, not wide."""
    columns = np.unique(cells, axis=0)[:, 0]
    return float(np.sqrt(np.unique(columns, return_counts=True)[1]).sum())


def local_background(images: np.ndarray, chain: np.ndarray, index: int) -> np.ndarray | None:
    """(h, w) int16: frame `index` as it would be without the athlete.

    The median of frames from a little earlier and later, aligned with this one by `chain`, the
    (N, 3, 3) path of `estimate_camera_path`. Pixels that no other frame shows are UNKNOWN; None
    when fewer than three frames show another part of the background.
    """
    height, width = images.shape[1:]
    middle = np.array([width / 2, height / 2, 1.0])
    to_frame = np.linalg.inv(chain[index])
    shifts = ((to_frame @ chain) @ middle)[:, 0] - middle[0]
    usable = np.flatnonzero(
        (np.abs(shifts) > _MIN_SHIFT * width) & (np.abs(shifts) < _MAX_SHIFT * width)
    )
    if len(usable) < 3:
        return None
    ordered = usable[np.argsort(shifts[usable], kind="stable")]
    sampled = ordered[np.unique(np.linspace(0, len(ordered) - 1, _SAMPLES).astype(int))]
    stack = np.empty((len(sampled), height, width), np.int16)
    for row, other in enumerate(sampled):
        motion = (to_frame @ chain[other])[:2]
        aligned = cv2.warpAffine(
            images[other].astype(np.int16),
            motion,
            (width, height),
            borderValue=UNKNOWN,
            borderMode=cv2.BORDER_CONSTANT,
            flags=cv2.INTER_LINEAR,
        )
        aligned[aligned > 255] = UNKNOWN
        stack[row] = aligned
    known = (stack != UNKNOWN).sum(0)
    stack.sort(axis=0)
    return np.take_along_axis(stack, np.maximum(known - 1, 0)[None] // 2, axis=0)[0]
