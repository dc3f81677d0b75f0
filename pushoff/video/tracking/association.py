"""The most plausible path through moving blobs: one person, never two at once."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

_APPEAR_COST = 4.0
"""Cost of appearing or disappearing, in the unit of a blob's score."""
_JUMP_COST = 0.6
"""For each pixel of a jump beyond what a runner covers between frames."""


@dataclass(frozen=True)
class Blob:
    """Something that moved in one frame, in pixels of the tracker's images."""

    x: float
    """Of its centre of mass, as `y`."""
    y: float
    width: float
    height: float
    area: float
    """Pixels that changed."""

    @property
    def score(self) -> float:
        """What it adds to a path: large changes count, but not in proportion."""
        return float(np.sqrt(self.area)) - 2.0


Path = list[Blob | None]
"""One blob for each frame; None where nobody is seen."""


def best_path(blobs: Sequence[Sequence[Blob]], width_px: int) -> Path:
    """The sequence with the greatest total score (Viterbi), one blob or None per frame.

    `blobs` are the candidates of each frame, `width_px` the width of the images. Jumps cost in
    proportion to how far they go beyond what a runner covers between frames.
    """
    free_px = max(0.02 * width_px, 3.0)
    states: list[Sequence[Blob | None]] = []
    links: list[np.ndarray] = []
    before: Sequence[Blob | None] = [None]
    totals = np.array([0.0])
    for candidates in blobs:
        options: list[Blob | None] = [None, *candidates]
        costs = np.array([[_cost(old, new, free_px) for old in before] for new in options])
        reached = totals[None] - costs
        link = reached.argmax(1)
        scores = np.array([0.0 if blob is None else blob.score for blob in options])
        totals = reached[np.arange(len(options)), link] + scores
        states.append(options)
        links.append(link)
        before = options
    path: Path = []
    state = int(totals.argmax())
    for frame_states, link in zip(reversed(states), reversed(links), strict=True):
        path.append(frame_states[state])
        state = int(link[state])
    return path[::-1]


def single_person_path(path: Path, width_px: int, frames: np.ndarray | None = None) -> Path:
    """The same path with only what one person can have done: no jumps from place to place.

    Split where it jumps, the part with the greatest score is kept, and those before and after it
    that the person can have come from or gone to at a plausible speed. `frames` (N,) are the path's
    frame numbers in the video, where some are left out.
    """
    skipped = np.zeros(len(path), int) if frames is None else frames - np.arange(len(path))

    def reachable(first: tuple[int, Blob], second: tuple[int, Blob]) -> bool:
        (index, blob), (other_index, other) = first, second
        unseen = min(abs(int(skipped[other_index] - skipped[index])), 40)
        gap = min(abs(other_index - index), 8) + unseen
        return _reachable(blob, other, gap, width_px)

    runs: list[list[tuple[int, Blob]]] = []
    for seen in ((index, blob) for index, blob in enumerate(path) if blob):
        if runs and reachable(runs[-1][-1], seen):
            runs[-1].append(seen)
        else:
            runs.append([seen])
    if not runs:
        return path
    main = max(range(len(runs)), key=lambda run: sum(blob.score for _, blob in runs[run]))
    kept = {index for index, _ in runs[main]}
    for order, near, far in ((range(main - 1, -1, -1), 0, -1), (range(main + 1, len(runs)), -1, 0)):
        edge = runs[main][near]
        for run in order:
            if reachable(edge, runs[run][far]):
                kept.update(index for index, _ in runs[run])
                edge = runs[run][near]
    return [blob if index in kept else None for index, blob in enumerate(path)]


def second_person_path(
    blobs: Sequence[Sequence[Blob]], path: Path, width_px: int, frames: np.ndarray | None = None
) -> Path:
    """The best path of somebody else than the person on `path`: upright, as tall, as high up.

    A shadow lies lower and is much wider than tall, a limb lies within the body.
    """
    others = [
        [blob for blob in candidates if _may_be_second_person(blob, person)]
        for candidates, person in zip(blobs, path, strict=True)
    ]
    return single_person_path(best_path(others, width_px), width_px, frames)


def _may_be_second_person(blob: Blob, person: Blob | None) -> bool:
    if blob.height < 0.6 * blob.width:
        return False
    return person is None or not _belongs_to(blob, person)


def _belongs_to(blob: Blob, person: Blob) -> bool:
    """Whether a blob may be a part or the shadow of the person."""
    small = blob.height < 0.45 * person.height
    near = abs(blob.x - person.x) < 0.5 * (blob.width + person.width) + 0.1 * person.height
    low = blob.y > person.y + 0.45 * person.height
    return small or near or low


def _reachable(blob: Blob, other: Blob, frames: int, width_px: int) -> bool:
    """Whether one person can be at both places, `frames` apart."""
    distance = float(np.hypot(blob.x - other.x, blob.y - other.y))
    stride = max(0.03 * width_px, 3.0)  # a near sprinter filmed at 30/s covers that between frames
    return distance <= 0.6 * max(blob.height, other.height) + stride * frames


def _cost(old: Blob | None, new: Blob | None, free_px: float) -> float:
    if old is None and new is None:
        return 0.0
    if old is None or new is None:
        return _APPEAR_COST
    distance = float(np.hypot(new.x - old.x, 0.7 * (new.y - old.y)))
    return max(distance - free_px, 0.0) * _JUMP_COST
