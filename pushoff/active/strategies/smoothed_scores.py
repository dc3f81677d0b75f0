"""Push-off probabilities smoothed in time within each video, and rescaled about the threshold."""

from collections.abc import Sequence

import numpy as np

from pushoff.active.pool import Pool

SPREAD_S = 0.008
"""Standard deviation of the Gaussian over the curve: two frames at 240/s, the disagreement of
annotators (as `pushoff.events.spotting`); at 30/s it does nothing."""


def factorize(names: Sequence[str]) -> np.ndarray:
    """(N,) int codes of the names, numbered in sorted order."""
    number = {name: code for code, name in enumerate(sorted(set(names)))}
    return np.fromiter((number[name] for name in names), int, len(names))


def smoothed(pool: Pool) -> np.ndarray:
    """(N,) probabilities, each the Gaussian mean of its video's frames within 24 ms.

    Frames may be unevenly spaced. Frames without a time are not smoothed. The pool must have
    probabilities.
    """
    p, times = np.asarray(pool.probabilities, float), np.asarray(pool.times_s, float)
    video = factorize(pool.video_ids)
    timed = np.flatnonzero(np.isfinite(times))
    order = timed[np.lexsort((times[timed], video[timed]))]
    video, times, curve = video[order], times[order], p[order]
    total, weight = curve.copy(), np.ones(len(order))
    for shift in range(1, len(order)):
        gap_s = times[shift:] - times[:-shift]
        near = (video[shift:] == video[:-shift]) & (gap_s <= 3 * SPREAD_S)
        if not near.any():
            break
        kernel = np.where(near, np.exp(-0.5 * (gap_s / SPREAD_S) ** 2), 0.0)
        total[shift:] += kernel * curve[:-shift]
        total[:-shift] += kernel * curve[shift:]
        weight[shift:] += kernel
        weight[:-shift] += kernel
    smooth = p.copy()
    smooth[order] = total / weight
    return smooth


def rescale_to_threshold(probabilities: np.ndarray, threshold: float) -> np.ndarray:
    """(N,) probabilities, piecewise linear, with the threshold mapped to 0.5."""
    p = np.clip(probabilities, 0, 1)
    line = min(max(threshold, 1e-6), 1 - 1e-6)
    return np.where(p < line, 0.5 * p / line, 0.5 + 0.5 * (p - line) / (1 - line))
