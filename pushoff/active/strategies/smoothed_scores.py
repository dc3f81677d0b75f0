"""The push-off curve of each video, smoothed in time, and how far it is from the model's line."""

from collections.abc import Sequence

import numpy as np

from pushoff.active.pool import Pool

SPREAD_S = 0.008
"""Standard deviation of the Gaussian over the curve: two frames at 240/s, the disagreement of
annotators (as `pushoff.events.spotting`); at 30/s it does nothing."""


def factorize(names: Sequence[str]) -> np.ndarray:
    """(N,) int: equal names alike, numbered in order of name."""
    number = {name: place for place, name in enumerate(sorted(set(names)))}
    return np.fromiter((number[name] for name in names), int, len(names))


def smoothed(pool: Pool) -> np.ndarray:
    """(N,) probabilities, each the Gaussian mean of its video's frames within 24 ms.

    Frames of a video may lie at any distance from each other. Frames without a time stand for
    themselves. The pool must have probabilities.
    """
    p, times = np.asarray(pool.probabilities, float), np.asarray(pool.times_s, float)
    video = factorize(pool.sessions)
    timed = np.flatnonzero(np.isfinite(times))
    order = timed[np.lexsort((times[timed], video[timed]))]
    video, times, curve = video[order], times[order], p[order]
    total, weight = curve.copy(), np.ones(len(order))
    for shift in range(1, len(order)):
        apart = times[shift:] - times[:-shift]
        near = (video[shift:] == video[:-shift]) & (apart <= 3 * SPREAD_S)
        if not near.any():
            break
        share = np.where(near, np.exp(-0.5 * (apart / SPREAD_S) ** 2), 0.0)
        total[shift:] += share * curve[:-shift]
        total[:-shift] += share * curve[shift:]
        weight[shift:] += share
        weight[:-shift] += share
    smooth = p.copy()
    smooth[order] = total / weight
    return smooth


def rescale_to_threshold(probabilities: np.ndarray, threshold: float) -> np.ndarray:
    """(N,) with the model's threshold put at one half: each side stretched to its own half."""
    p = np.clip(probabilities, 0, 1)
    line = min(max(threshold, 1e-6), 1 - 1e-6)
    return np.where(p < line, 0.5 * p / line, 0.5 + 0.5 * (p - line) / (1 - line))
