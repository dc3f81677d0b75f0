"""Which frames next: the pool in the order of a strategy, near copies behind, each with a reason.

The product's default was chosen by measurement (docs/benchmarks.md, "Strategies").
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from pushoff.active.batch_constraints import TimeSpacing, sample_random, take_balanced
from pushoff.active.pool import Pool
from pushoff.active.simulation.every_kth import every_kth
from pushoff.active.strategies.core_set import core_set
from pushoff.active.strategies.event_windows import event_windows
from pushoff.active.strategies.hybrid import hybrid
from pushoff.active.strategies.random_sampling import WHY as WHY_RANDOM
from pushoff.active.strategies.random_sampling import random_sampling
from pushoff.active.strategies.ranking import Strategy
from pushoff.active.strategies.smoothed_scores import factorize
from pushoff.active.strategies.typiclust import typiclust
from pushoff.active.strategies.uncertainty import entropy, least_confidence, margin
from pushoff.errors import BadInput

DEFAULT = "hybrid"
"""First by the area under its curve on video and on pictures, and never behind random by more than
the interval: `make bench-active`."""
RANDOM, EVERY_K = "random", "every-k"
STRATEGIES: Mapping[str, Strategy] = {
    RANDOM: random_sampling,
    EVERY_K: every_kth,
    "least-confidence": least_confidence,
    "margin": margin,
    "entropy": entropy,
    "core-set": core_set,
    "typiclust": typiclust,
    "hybrid": hybrid,
    "event-windows": event_windows,
}
"""By the name settings and commands know them under."""
WHY_COPY = "A frame right beside this one comes first, and they look nearly the same."
_KEY_COLUMNS = 8


@dataclass(frozen=True)
class QueueConfig:
    """How a queue is made. Raises BadInput on a value that cannot be."""

    strategy: str = DEFAULT
    spacing_s: float = 8 / 240
    """Frames of a video closer than this, camera seconds, are near copies: eight at 240/s."""
    random_share: float = 0.1
    """Of the front, picked at random whatever the strategy: fair estimates can be made of these."""
    every: int = 16
    """Of `every-k`, frames of the pool."""
    seed: int = 1
    front: int = 500
    """Frames chosen with care; more than are labelled before the next order is made."""

    def __post_init__(self) -> None:
        if self.strategy not in STRATEGIES:
            raise BadInput(f"strategy {self.strategy!r}: say one of {', '.join(STRATEGIES)}")
        if not 0 <= self.random_share <= 1:
            raise BadInput(f"a random share of {self.random_share}: say 0 to 1")
        if not (self.spacing_s >= 0 and self.every >= 1 and self.front >= 1):
            raise BadInput(
                f"spacing {self.spacing_s} s, every {self.every}, front {self.front}: the first "
                "from 0, the others from 1"
            )


@dataclass(frozen=True, eq=False)
class QueueOrder:
    """N frames in the order they should be labelled."""

    rows: np.ndarray
    """(N,) int, rows of the pool, first to label first."""
    why: tuple[str, ...]
    """N sentences for the annotator, in the order of the pool's rows."""
    front: int
    """The first so many are spaced and balanced: as many as planned, or as there are."""
    at_random: np.ndarray
    """(N,) bool, in the order of the pool's rows: the frames of the front picked at random."""


def order_pool(pool: Pool, plan: QueueConfig) -> QueueOrder:
    """The pool's frames by `plan`: spaced in time, balanced, a share of random picks mixed in.

    The same pool and plan give the same order, in whatever order the pool's rows come. Frames near
    a labelled one are near copies too, but not for `random` and the random picks: nothing but the
    dice may choose those. A million frames take seconds.
    """
    if not len(pool):
        return QueueOrder(np.zeros(0, int), (), 0, np.zeros(0, bool))
    canon = _canonical(pool)
    rows, why, front, drawn = _ordered(_reordered(pool, canon), plan)
    back_why = [""] * len(pool)
    for place, row in enumerate(canon.tolist()):
        back_why[row] = why[place]
    is_random = np.zeros(len(pool), bool)
    is_random[canon[drawn]] = True
    return QueueOrder(canon[rows], tuple(back_why), front, is_random)


def _ordered(pool: Pool, plan: QueueConfig) -> tuple[np.ndarray, list[str], int, list[int]]:
    """Rows, sentences, how many are the front, and which of it were drawn at random."""
    dice = np.random.default_rng(plan.seed)
    size, spaced = min(plan.front, len(pool)), TimeSpacing(plan.spacing_s)
    if plan.strategy == RANDOM:
        front = drawn = sample_random(pool, size, spaced, dice)
        ranking = random_sampling(pool, size, dice)
    else:
        drawn = sample_random(pool, int(size * plan.random_share), spaced, dice)
        ranking = _strategy(plan)(pool, size, dice)
        for session, time_s in zip(pool.labelled.sessions, pool.labelled.times_s, strict=True):
            spaced.take(session, time_s)
        left = np.ones(len(pool), bool)
        left[drawn] = False
        wishes = ranking.rows[left[ranking.rows]]
        front = _mixed(take_balanced(pool, wishes, size - len(drawn), spaced), drawn)
    why = list(ranking.why)
    for row in drawn:
        why[row] = WHY_RANDOM
    left = np.ones(len(pool), bool)
    left[front] = False
    rest = ranking.rows[left[ranking.rows]]
    copy = np.array(
        [not spaced.free(pool.sessions[row], pool.times_s[row]) for row in rest.tolist()], bool
    )
    for row in rest[copy].tolist():
        why[row] = WHY_COPY
    rows = np.concatenate([np.array(front, int), rest[~copy], rest[copy]])
    return rows, why, len(front), drawn


def _strategy(plan: QueueConfig) -> Strategy:
    if plan.strategy == EVERY_K:
        return partial(every_kth, every=plan.every)
    return STRATEGIES[plan.strategy]


def _mixed(chosen: list[int], drawn: list[int]) -> list[int]:
    """Both in their own order, the drawn ones spread evenly, so each part has its share."""
    count = len(chosen) + len(drawn)
    wishes, random = iter(chosen), iter(drawn)
    due = [
        (k + 1) * len(drawn) // max(count, 1) > k * len(drawn) // max(count, 1)
        for k in range(count)
    ]
    return [next(random) if one else next(wishes) for one in due]


class _Rows:
    """(N, D) features in another order, fetched only where asked: a million may lie on disk."""

    def __init__(self, features: np.ndarray, order: np.ndarray) -> None:
        self._features, self._order = features, order

    def __len__(self) -> int:
        return len(self._order)

    def __getitem__(self, rows: np.ndarray) -> np.ndarray:
        return self._features[self._order[rows]]


def _canonical(pool: Pool) -> np.ndarray:
    """(N,) rows by content: video, time, athlete, and where those tie by features, never by what a
    model says unless all else ties. Features are fetched for the ties alone."""
    video, athlete = factorize(pool.sessions), factorize(pool.groups)
    times = np.nan_to_num(np.asarray(pool.times_s, float), nan=np.inf)
    order = np.lexsort((athlete, times, video))
    same = np.logical_and.reduce(
        [key[order][1:] == key[order][:-1] for key in (video, times, athlete)]
    )
    tied = np.zeros(len(order), bool)
    tied[1:] |= same
    tied[:-1] |= same
    rows = order[tied]
    keys = [] if pool.probabilities is None else [np.asarray(pool.probabilities)[rows]]
    keys += list(np.asarray(pool.features[rows]).T[:_KEY_COLUMNS])
    order[tied] = rows[np.lexsort([*keys, athlete[rows], times[rows], video[rows]])]
    return order


def _reordered(pool: Pool, order: np.ndarray) -> Pool:
    p = pool.probabilities
    return replace(
        pool,
        features=_Rows(pool.features, order),
        probabilities=None if p is None else np.asarray(p)[order],
        sessions=tuple(map(pool.sessions.__getitem__, order.tolist())),
        groups=tuple(map(pool.groups.__getitem__, order.tolist())),
        times_s=np.asarray(pool.times_s, float)[order],
    )
