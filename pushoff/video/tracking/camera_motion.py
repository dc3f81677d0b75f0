"""What a camera that follows the athlete does, and what it would see without them. Door: cv2.

The athlete stays in the middle of such a video, and may show more corners than the background: so
the camera's motion is the one that most places of the picture agree on, over the whole video.
"""

from itertools import pairwise

import cv2
import numpy as np

_CELL_PX = 16
"""Corners are counted by the places they lie in: many on one athlete are still one place."""
_CANDIDATES = 5
_RANGE_PX = 1.2
"""Corners that moved alike within this are one candidate."""
_SWITCH = 1.5
"""Places that must agree for each pixel the camera's speed changes between pictures."""
_MOST_SWITCH = 15.0
_UNUSUAL = 8.0
"""Places that must agree more for a speed unlike that of the seconds around it."""
_NEAREST, _FARTHEST = 0.12, 0.75
"""Shift, in picture widths, at which another frame shows what the athlete hides in this one."""
_SAMPLES = 11
_FILLER = 32767


def distinct_frames(small: np.ndarray) -> np.ndarray:
    """Indices of (N, h, w) uint8 frames that are not a repeat of the one before.

    A video made slow by its editor repeats pictures; the encoder's noise in a repeat is a fraction
    of a grey level (0.01 to 0.2 measured on broadcast footage, against 3 and more of motion).
    """
    kept = [0]
    for index in range(1, len(small)):
        changed = cv2.absdiff(small[index, ::2, ::2], small[kept[-1], ::2, ::2])
        if float(changed.mean()) > 0.3:
            kept.append(index)
    return np.array(kept)


def follow_camera(small: np.ndarray) -> np.ndarray:
    """(N, 3, 3) float: turn, zoom and shift from each of (N, h, w) frames into the first one.

    Per step several motions are possible (the ground's, the athlete's, a spectator's); the camera
    is the smooth sequence that most places of the picture agree with.
    """
    steps = [possible_moves(one, other) for one, other in pairwise(small)]
    chain = np.tile(np.eye(3), (len(small), 1, 1))
    if not steps:
        return chain
    middle = np.array([small.shape[2] / 2, small.shape[1] / 2, 1.0])
    shifts = [np.array([(move @ middle - middle)[:2] for move, _ in one]) for one in steps]
    supports = [np.array([support for _, support in one]) for one in steps]
    chosen = _smoothest(shifts, supports)
    # where the athlete outvotes a bare background for a while, the seconds around it decide
    speed = np.array([shift[at] for shift, at in zip(shifts, chosen, strict=True)])
    usual = _slow_median(speed, max(len(speed) // 5, 12))
    unlike = [_unlike(shift, one) for shift, one in zip(shifts, usual, strict=True)]
    supports = [s - _UNUSUAL * odd for s, odd in zip(supports, unlike, strict=True)]
    chosen = _smoothest(shifts, supports)
    for index, (options, at) in enumerate(zip(steps, chosen, strict=True), 1):
        chain[index] = chain[index - 1] @ np.linalg.inv(options[at][0])
    return chain


def _smoothest(shifts: list[np.ndarray], supports: list[np.ndarray]) -> list[int]:
    """The candidate of each step whose supports, less the changes of speed, add up to the most."""
    totals, before, links = np.zeros(1), shifts[0][:1], []
    for shift, support in zip(shifts, supports, strict=True):
        apart = np.hypot(*(shift[:, None] - before[None]).transpose(2, 0, 1))
        reached = totals[None] - np.minimum(_SWITCH * apart, _MOST_SWITCH)
        links.append(reached.argmax(1))
        totals, before = reached.max(1) + support, shift
    chosen = [int(totals.argmax())]
    for link in links[:0:-1]:
        chosen.append(int(link[chosen[-1]]))
    return chosen[::-1]


def _unlike(shifts: np.ndarray, usual: np.ndarray) -> np.ndarray:
    """(K,) bool: less than 0.4 or more than 2.3 times the usual (2,) shift, or another way.

    Twice is common: a converted video drops or doubles single frames.
    """
    size = float(np.hypot(*usual))
    if size < 0.5:
        return np.zeros(len(shifts), bool)
    along = shifts @ usual / size
    across = np.abs(shifts @ np.array([-usual[1], usual[0]])) / size
    return (along < 0.4 * size) | (along > 2.3 * size) | (across > 0.4 * size + 1)


def _slow_median(values: np.ndarray, reach: int) -> np.ndarray:
    """(N, 2) running median over `reach` steps to either side."""
    return np.stack(
        [
            np.median(values[max(at - reach, 0) : at + reach + 1], axis=0)
            for at in range(len(values))
        ]
    )


def possible_moves(one: np.ndarray, other: np.ndarray) -> list[tuple[np.ndarray, float]]:
    """(3, 3) moves from one frame to the other with how many places of the picture agree."""
    corners = cv2.goodFeaturesToTrack(one, 400, 0.005, 4)
    still = [(np.eye(3), 0.0)]
    if corners is None:
        return still
    moved, seen, _ = cv2.calcOpticalFlowPyrLK(one, other, corners, None, winSize=(13, 13))
    back, returned, _ = cv2.calcOpticalFlowPyrLK(other, one, moved, None, winSize=(13, 13))
    good = (seen.ravel() == 1) & (returned.ravel() == 1)
    good &= np.abs(back - corners).reshape(-1, 2).max(1) < 0.5
    start, end = corners.reshape(-1, 2)[good], moved.reshape(-1, 2)[good]
    options = []
    for _ in range(_CANDIDATES):
        if len(start) < 4:
            break
        shift = end - start
        apart = np.abs(shift[:, None] - shift[None]).max(2) < _RANGE_PX
        cells = start.astype(int) // _CELL_PX
        order = np.argsort(-apart.sum(1))[:12]
        alike = apart[max(order, key=lambda row: _agreement(cells[apart[row]]))]
        move = np.eye(3)
        move[:2, 2] = np.median(shift[alike], axis=0)
        if alike.sum() >= 12 and _agreement(cells[alike]) >= 8:
            fitted, _ = cv2.estimateAffinePartial2D(
                start[alike], end[alike], ransacReprojThreshold=0.7
            )
            if fitted is not None and abs(np.hypot(fitted[0, 0], fitted[1, 0]) - 1) < 0.02:
                move = np.vstack([fitted, [0, 0, 1]])
        options.append((move, _agreement(cells[alike])))
        start, end = start[~alike], end[~alike]
    return options + still


def _agreement(cells: np.ndarray) -> float:
    """How widely (M, 2) places of agreeing corners are spread: an athlete is tall, not wide."""
    columns = np.unique(cells, axis=0)[:, 0]
    return float(np.sqrt(np.unique(columns, return_counts=True)[1]).sum())


def local_background(small: np.ndarray, chain: np.ndarray, index: int) -> np.ndarray | None:
    """(h, w) int16: the place as frame `index` would show it without the athlete.

    The median of frames from a little earlier and later, laid over this one. Pixels no other
    frame shows hold 32767; None when the camera showed nothing else.
    """
    height, width = small.shape[1:]
    middle = np.array([width / 2, height / 2, 1.0])
    here = np.linalg.inv(chain[index])
    apart = ((here @ chain) @ middle)[:, 0] - middle[0]
    usable = np.flatnonzero(
        (np.abs(apart) > _NEAREST * width) & (np.abs(apart) < _FARTHEST * width)
    )
    if len(usable) < 3:
        return None
    ordered = usable[np.argsort(apart[usable], kind="stable")]
    picked = ordered[np.unique(np.linspace(0, len(ordered) - 1, _SAMPLES).astype(int))]
    stack = np.empty((len(picked), height, width), np.int16)
    for place, other in enumerate(picked):
        move = (here @ chain[other])[:2]
        laid = cv2.warpAffine(
            small[other].astype(np.int16),
            move,
            (width, height),
            borderValue=_FILLER,
            borderMode=cv2.BORDER_CONSTANT,
            flags=cv2.INTER_LINEAR,
        )
        laid[laid > 255] = _FILLER
        stack[place] = laid
    known = (stack != _FILLER).sum(0)
    stack.sort(axis=0)
    return np.take_along_axis(stack, np.maximum(known - 1, 0)[None] // 2, axis=0)[0]
