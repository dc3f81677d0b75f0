"""Every k-th frame of each video, coarse to fine: the baseline without a model."""

import numpy as np

from pushoff.active.pool import Pool
from pushoff.active.strategies.ranking import Ranking
from pushoff.active.strategies.smoothed_scores import factorize

EVERY_K = "every-k"
REASON = "Evenly spaced frames of each video, with smaller and smaller steps."


def every_kth(pool: Pool, count: int, rng: np.random.Generator, every: int = 16) -> Ranking:
    """Each `every`-th frame of every video, then the frames between them, halving the step.

    Labelled frames keep their position in the grid, so the steps stay even as labels arrive. Within
    the grid the order is bit-reversed, so that any prefix is spread over the video.
    """
    labelled = pool.labelled
    names = (*pool.video_ids, *labelled.video_ids)
    video = factorize(names)
    times = np.concatenate([np.asarray(pool.times_s, float), np.asarray(labelled.times_s, float)])
    order = np.lexsort((np.nan_to_num(times, nan=np.inf), video))
    starts = np.searchsorted(video[order], np.arange(video.max(initial=-1) + 1))
    position: np.ndarray = np.empty(len(order), int)
    position[order] = np.arange(len(order)) - starts[video[order]]
    position, video = position[: len(pool)], video[: len(pool)]
    within, grid = position % every, position // every
    rows = np.lexsort((video, _bit_reversed(grid), _bit_reversed(within)))
    return Ranking(rows, (REASON,) * len(pool))


def _bit_reversed(numbers: np.ndarray) -> np.ndarray:
    """Each number with its bits reversed: sorts 0 to 7 as 0, 4, 2, 6, 1, 5, 3, 7."""
    bits = int(numbers.max(initial=1)).bit_length()
    result = np.zeros_like(numbers)
    for bit in range(bits):
        result |= ((numbers >> bit) & 1) << (bits - 1 - bit)
    return result
