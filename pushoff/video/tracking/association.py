"""The most plausible path through blobs that move: one person, never two at once."""

from dataclasses import dataclass

import numpy as np

_ABSENT = 0.0
_APPEAR = 4.0
"""Cost of starting or ending to be seen, in the unit of a blob's worth."""


@dataclass(frozen=True)
class Blob:
    """Something that moved in one frame, in pixels of the tracking picture."""

    x: float
    y: float
    width: float
    height: float
    area: float
    """Pixels that changed."""

    @property
    def worth(self) -> float:
        """What it adds to a path: large changes count, but not in proportion."""
        return float(np.sqrt(self.area)) - 2.0


def best_path(blobs: list[list[Blob]], width_px: int) -> list[Blob | None]:
    """One blob or None per frame: the sequence with the greatest total worth (Viterbi).

    Jumps cost in proportion to how far they go beyond what a runner covers between frames.
    """
    easy = max(0.02 * width_px, 3.0)
    scores, links = [], []
    before, totals = [None], np.array([0.0])
    for candidates in blobs:
        states: list[Blob | None] = [None, *candidates]
        table = np.array([[_cost(old, new, easy) for old in before] for new in states])
        reached = totals[None] - table
        link = reached.argmax(1)
        worth = np.array([_ABSENT if one is None else one.worth for one in states])
        totals = reached[np.arange(len(states)), link] + worth
        scores.append(states)
        links.append(link)
        before = states
    path: list[Blob | None] = []
    at = int(totals.argmax())
    for states, link in zip(reversed(scores), reversed(links), strict=True):
        path.append(states[at])
        at = int(link[at])
    return path[::-1]


def one_run(
    path: list[Blob | None], width_px: int, frames: np.ndarray | None = None
) -> list[Blob | None]:
    """The same path with only what one person can have done: no jumps from place to place.

    Cut where it jumps, the part worth the most is kept, and those before and after that it can
    have come from or gone to at the speed it had. `frames` (N,) are the path's frame numbers in
    the video, where some are left out.
    """
    hidden = np.zeros(len(path), int) if frames is None else frames - np.arange(len(path))

    def reachable(one: int, other: int) -> bool:
        unseen = min(abs(int(hidden[other] - hidden[one])), 40)
        gap = min(abs(other - one), 8) + unseen
        return _reachable(path[one], path[other], gap, width_px)

    runs: list[list[int]] = []
    for index in (index for index, blob in enumerate(path) if blob):
        if runs and reachable(runs[-1][-1], index):
            runs[-1].append(index)
        else:
            runs.append([index])
    if not runs:
        return path
    main = max(range(len(runs)), key=lambda run: sum(path[index].worth for index in runs[run]))
    kept = set(runs[main])
    for order, near, far in ((range(main - 1, -1, -1), 0, -1), (range(main + 1, len(runs)), -1, 0)):
        edge = runs[main][near]
        for run in order:
            if reachable(edge, runs[run][far]):
                kept.update(runs[run])
                edge = runs[run][near]
    return [blob if index in kept else None for index, blob in enumerate(path)]


def _reachable(one: Blob, other: Blob, frames: int, width_px: int) -> bool:
    """Whether one person can be at both places, `frames` apart."""
    apart = float(np.hypot(one.x - other.x, one.y - other.y))
    stride = max(0.03 * width_px, 3.0)  # a near sprinter filmed at 30/s covers that between frames
    return apart <= 0.6 * max(one.height, other.height) + stride * frames


def other_traveller(
    blobs: list[list[Blob]],
    path: list[Blob | None],
    width_px: int,
    frames: np.ndarray | None = None,
) -> list[Blob | None]:
    """The best path of somebody else, beside the one followed: upright, as tall, as high up.

    A shadow lies lower and is much wider than tall, a limb lies within the body.
    """
    rest = []
    for candidates, one in zip(blobs, path, strict=True):
        kept = []
        for blob in candidates:
            if blob.height < 0.6 * blob.width or (one and _belongs(blob, one)):
                continue
            kept.append(blob)
        rest.append(kept)
    return one_run(best_path(rest, width_px), width_px, frames)


def _belongs(blob: Blob, one: Blob) -> bool:
    """Whether a blob may be a part or the shadow of the person `one`."""
    small = blob.height < 0.45 * one.height
    near = abs(blob.x - one.x) < 0.5 * (blob.width + one.width) + 0.1 * one.height
    low = blob.y > one.y + 0.45 * one.height
    return small or near or low


def _cost(old: Blob | None, new: Blob | None, easy: float) -> float:
    if old is None and new is None:
        return 0.0
    if old is None or new is None:
        return _APPEAR
    apart = float(np.hypot(new.x - old.x, 0.7 * (new.y - old.y)))
    return max(apart - easy, 0.0) * 0.6
