"""A number and how far to trust it: 95 % intervals that know that frames of one video are alike."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

DRAWS = 1000
"""Bootstrap draws: 25 of them lie beyond either end of the interval."""
COVERAGE = 0.95


@dataclass(frozen=True)
class Estimate:
    """A number with its 95 % interval."""

    value: float
    low: float | None
    """None, as `high`, where the draws cannot say: all of them were alike, or none was usable."""
    high: float | None


def session_draws(
    sessions: Sequence[str], draws: int = DRAWS, seed: int = 1
) -> Iterator[np.ndarray]:
    """(N,) int, how often each frame is drawn, `draws` times.

    Whole sessions are drawn with replacement, then frames within them (each a Poisson number of
    times): two frames of one session are no two proofs. With one session only frames are drawn.
    """
    names, which = np.unique(np.asarray(sessions, dtype=str), return_inverse=True)
    rng = np.random.default_rng(seed)
    for _ in range(draws if len(names) else 0):
        times = np.bincount(rng.integers(0, len(names), len(names)), minlength=len(names))
        yield rng.poisson(times[which])


def bootstrap(
    cells: np.ndarray,
    kinds: int,
    measure: Callable[[np.ndarray], float],
    sessions: Sequence[str],
    draws: int = DRAWS,
    seed: int = 1,
) -> Estimate | None:
    """`measure` of how many frames fall into each of `kinds` cells, with its interval.

    `cells` (N,) int says each frame's. `measure` gets (kinds,) float and returns NaN where it has
    no value; None is returned where it has none of all frames.
    """
    value = measure(np.bincount(cells, minlength=kinds).astype(float))
    drawn = [
        measure(np.bincount(cells, times, minlength=kinds))
        for times in session_draws(sessions, draws, seed)
    ]
    return with_interval(value, drawn)


def with_interval(value: float, drawn: Sequence[float] | np.ndarray) -> Estimate | None:
    """The estimate whose interval holds the middle 95 % of the (K,) drawn values, NaN left out.

    None for a value that is no number.
    """
    if not np.isfinite(value):
        return None
    usable = np.asarray(drawn, float)
    usable = usable[np.isfinite(usable)]
    if len(usable) < 0.5 * len(drawn) or not len(usable) or np.ptp(usable) < 1e-9:
        return Estimate(float(value), None, None)
    tail = 50 * (1 - COVERAGE)
    low, high = np.percentile(usable, [tail, 100 - tail])
    return Estimate(float(value), float(low), float(high))
