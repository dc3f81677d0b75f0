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


def _cost(old: Blob | None, new: Blob | None, easy: float) -> float:
    if old is None and new is None:
        return 0.0
    if old is None or new is None:
        return _APPEAR
    apart = float(np.hypot(new.x - old.x, 0.7 * (new.y - old.y)))
    return max(apart - easy, 0.0) * 0.6
