"""Every k-th frame of each video: what somebody without a model would do, coarse to fine."""

import numpy as np

from pushoff.active.pool import Pool
from pushoff.active.strategies.ranking import Ranking
from pushoff.active.strategies.smoothed_scores import factorize

WHY = "Videos are gone through at even steps, coarse first, finer later."


def every_kth(pool: Pool, count: int, dice: np.random.Generator, every: int = 16) -> Ranking:
    """First each `every`-th frame of every video, then the frames between them, halving the step.

    Frames with a label hold their place in the grid, so the steps stay even while labels come in.
    On the grid, too, far apart comes before near: however many are labelled, they are spread.
    """
    labelled = pool.labelled
    names = (*pool.sessions, *labelled.sessions)
    video = factorize(names)
    times = np.concatenate([np.asarray(pool.times_s, float), np.asarray(labelled.times_s, float)])
    order = np.lexsort((np.nan_to_num(times, nan=np.inf), video))
    starts = np.searchsorted(video[order], np.arange(video.max(initial=-1) + 1))
    place = np.empty(len(order), int)
    place[order] = np.arange(len(order)) - starts[video[order]]
    place, video = place[: len(pool)], video[: len(pool)]
    within, grid = place % every, place // every
    rows = np.lexsort((video, _spread(grid), _spread(within)))
    return Ranking(rows, (WHY,) * len(pool))


def _spread(places: np.ndarray) -> np.ndarray:
    """Bits of each number turned round: 0, 4, 2, 6, 1, ... come first of 0 to 7."""
    bits = int(places.max(initial=1)).bit_length()
    turned = np.zeros_like(places)
    for bit in range(bits):
        turned |= ((places >> bit) & 1) << (bits - 1 - bit)
    return turned
