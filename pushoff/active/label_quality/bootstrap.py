"""Bootstrap intervals that treat a video as the unit, because its frames are alike."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

DRAWS = 1000
"""Bootstrap samples: 25 of them lie beyond either end of the interval."""
COVERAGE = 0.95


@dataclass(frozen=True)
class Estimate:
    """A statistic with its 95 % interval."""

    value: float
    low: float | None
    """None, like `high`, where the bootstrap gives no interval: too few finite or distinct
    values."""
    high: float | None


def resampling_counts(
    video_ids: Sequence[str], draws: int = DRAWS, seed: int = 1
) -> Iterator[np.ndarray]:
    """Yield (N,) int resampling counts of each frame, `draws` times.

    A two-stage cluster bootstrap: videos with replacement, then frames within them with Poisson
    counts, because frames of one video are not independent.
    """
    names, which = np.unique(np.asarray(video_ids, dtype=str), return_inverse=True)
    rng = np.random.default_rng(seed)
    for _ in range(draws if len(names) else 0):
        times = np.bincount(rng.integers(0, len(names), len(names)), minlength=len(names))
        yield rng.poisson(times[which])


def bootstrap(
    cells: np.ndarray,
    kinds: int,
    measure: Callable[[np.ndarray], float],
    video_ids: Sequence[str],
    draws: int = DRAWS,
    seed: int = 1,
) -> Estimate | None:
    """Estimate a statistic of a contingency table, resampling whole videos.

    `cells` (N,) int is each frame's cell, 0 to `kinds` - 1. `measure` maps (kinds,) float counts to
    the statistic, NaN where it is undefined. Returns None where it is undefined on all frames.
    """
    value = measure(np.bincount(cells, minlength=kinds).astype(float))
    resampled = [
        measure(np.bincount(cells, times, minlength=kinds))
        for times in resampling_counts(video_ids, draws, seed)
    ]
    return with_interval(value, resampled)


def with_interval(value: float, resampled: Sequence[float] | np.ndarray) -> Estimate | None:
    """`estimate`, or None when `value` is not finite."""
    return estimate(value, resampled) if np.isfinite(value) else None


def estimate(value: float, resampled: Sequence[float] | np.ndarray) -> Estimate:
    """The value with the central 95 % of the (K,) bootstrap values, NaN ignored, as interval.

    There is no interval when more than half of the bootstrap values are NaN, or all are equal.
    """
    usable = np.asarray(resampled, float)
    usable = usable[np.isfinite(usable)]
    if len(usable) < 0.5 * len(resampled) or not len(usable) or np.ptp(usable) < 1e-9:
        return Estimate(float(value), None, None)
    tail = 50 * (1 - COVERAGE)
    low, high = np.percentile(usable, [tail, 100 - tail])
    return Estimate(float(value), float(low), float(high))
