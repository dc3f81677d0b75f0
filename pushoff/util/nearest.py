"""Nearest neighbours among sorted times."""

import numpy as np


def nearest_indices(sorted_s: np.ndarray, times_s: np.ndarray) -> np.ndarray:
    """(K,) int: for each of `times_s` (K,) the index of the nearest of `sorted_s` (F,), F >= 1.

    Both in seconds; `sorted_s` ascends. A time outside the range has the first or last index.
    """
    after = np.clip(np.searchsorted(sorted_s, times_s), 1, max(len(sorted_s) - 1, 1))
    after = np.minimum(after, len(sorted_s) - 1)
    before = np.maximum(after - 1, 0)
    before_is_nearer = np.abs(sorted_s[before] - times_s) <= np.abs(sorted_s[after] - times_s)
    return np.where(before_is_nearer, before, after)
