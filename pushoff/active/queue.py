"""The labelling queue: the pool in the order of a strategy, near-duplicates last, with reasons.

The default strategy was chosen by measurement (docs/benchmarks.md).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from pushoff.active.batch_constraints import TimeSpacing, sample_random, take_balanced
from pushoff.active.pool import FeatureRows, Pool
from pushoff.active.strategies.core_set import core_set
from pushoff.active.strategies.event_windows import event_windows
from pushoff.active.strategies.hybrid import hybrid
from pushoff.active.strategies.random_sampling import REASON as REASON_RANDOM
from pushoff.active.strategies.random_sampling import random_sampling
from pushoff.active.strategies.ranking import Strategy
from pushoff.active.strategies.reasons import offset_text
from pushoff.active.strategies.smoothed_scores import factorize
from pushoff.active.strategies.typiclust import typiclust
from pushoff.active.strategies.uncertainty import entropy, least_confidence, margin
from pushoff.errors import BadInput

DEFAULT = "hybrid"
"""Largest area under the learning curve on clips and on single images, and never significantly
worse than random: `make bench-active`."""
BEFORE_A_MODEL = "event-windows"
"""Instead of the default while the suggestions are fixed rules': it asks for steps, a likely
push-off and the frames beside it. In the order of the default 3 of the first 60 answers are
push-offs."""
RANDOM = "random"
STRATEGIES: Mapping[str, Strategy] = {
    RANDOM: random_sampling,
    "least-confidence": least_confidence,
    "margin": margin,
    "entropy": entropy,
    "core-set": core_set,
    "typiclust": typiclust,
    "hybrid": hybrid,
    "event-windows": event_windows,
}
"""By the name used in settings and commands."""
_KEY_COLUMNS = 8


@dataclass(frozen=True)
class QueueConfig:
    """How a queue is made. Raises BadInput for a value out of range."""

    strategy: str = DEFAULT
    spacing_s: float = 8 / 240
    """Frames of a video closer than this, in camera seconds, are near-duplicates: 8 frames at
    240/s."""
    random_share: float = 0.1
    """Share of the batch sampled at random whatever the strategy, so that unbiased estimates are
    possible."""
    seed: int = 1
    batch_size: int = 500
    """Frames the strategy chooses one by one: more than are labelled before the next refit. The
    rest follow by a cheap score."""

    def __post_init__(self) -> None:
        if self.strategy not in STRATEGIES:
            raise BadInput(
                f"strategy {self.strategy!r} is unknown: use one of {', '.join(STRATEGIES)}",
                code="unknown_strategy",
            )
        if not 0 <= self.random_share <= 1:
            raise BadInput(f"random_share is {self.random_share}: use a number from 0 to 1")
        if not self.spacing_s >= 0:
            raise BadInput(f"spacing_s is {self.spacing_s}: use 0 or more seconds")
        if self.batch_size < 1:
            raise BadInput(f"batch_size is {self.batch_size}: use 1 or more frames")


@dataclass(frozen=True, eq=False)
class QueueOrder:
    """The order in which the N frames of a pool should be labelled."""

    rows: np.ndarray
    """(N,) int, rows of the pool, first to label first."""
    reasons: tuple[str, ...]
    """N sentences for the annotator, each true of its frame, in the order of the pool's rows."""
    batch_size: int
    """The first so many are spaced and balanced: as configured, or all of a smaller pool."""
    sampled: np.ndarray
    """(N,) bool, in the order of the pool's rows: the frames of the batch sampled at random."""


def order_pool(pool: Pool, config: QueueConfig, strategy: Strategy | None = None) -> QueueOrder:
    """Order the pool: spaced in time, balanced, with a share of random samples mixed in.

    `strategy` replaces the one that `config` names (baselines of the simulation). The order does
    not depend on the order of the pool's rows. Frames near a labelled one count as near-duplicates,
    except for random samples: only the generator may choose those. A million frames take seconds.
    """
    if not len(pool):
        return QueueOrder(np.zeros(0, int), (), 0, np.zeros(0, bool))
    canonical = _canonical_rows(pool)
    result = _order_canonical(
        _reordered(pool, canonical), config, strategy or STRATEGIES[config.strategy]
    )
    reasons = [""] * len(pool)
    for position, row in enumerate(canonical.tolist()):
        reasons[row] = result.reasons[position]
    sampled = np.zeros(len(pool), bool)
    sampled[canonical] = result.sampled
    return QueueOrder(canonical[result.rows], tuple(reasons), result.batch_size, sampled)


def _order_canonical(pool: Pool, config: QueueConfig, strategy: Strategy) -> QueueOrder:
    rng = np.random.default_rng(config.seed)
    size, spacing = min(config.batch_size, len(pool)), TimeSpacing(config.spacing_s)
    if strategy is random_sampling:
        batch = sampled_rows = sample_random(pool, size, spacing, rng)
        ranking = random_sampling(pool, size, rng)
    else:
        sampled_rows = sample_random(pool, int(size * config.random_share), spacing, rng)
        ranking = strategy(pool, size, rng)
        _take_labelled(pool, spacing)
        candidates = _without(ranking.rows, sampled_rows)
        chosen = take_balanced(pool, candidates, size - len(sampled_rows), spacing)
        batch = _interleave(chosen, sampled_rows)
    rest = _without(ranking.rows, batch)
    duplicate = np.array(
        [not spacing.free(pool.video_ids[row], pool.times_s[row]) for row in rest.tolist()], bool
    )
    reasons = list(ranking.reasons)
    for row in sampled_rows:
        reasons[row] = REASON_RANDOM
    labelled = TimeSpacing(config.spacing_s)
    _take_labelled(pool, labelled)
    for row in rest[duplicate].tolist():
        reasons[row] = _duplicate_reason(
            pool.video_ids[row], float(pool.times_s[row]), spacing, labelled
        )
    sampled = np.zeros(len(pool), bool)
    sampled[sampled_rows] = True
    rows = np.concatenate([np.array(batch, int), rest[~duplicate], rest[duplicate]])
    return QueueOrder(rows, tuple(reasons), len(batch), sampled)


def _take_labelled(pool: Pool, spacing: TimeSpacing) -> None:
    for video_id, time_s in zip(pool.labelled.video_ids, pool.labelled.times_s, strict=True):
        spacing.take(video_id, time_s)


def _duplicate_reason(
    video_id: str, time_s: float, taken: TimeSpacing, labelled: TimeSpacing
) -> str:
    """Names the frame that this one nearly repeats: a labelled one, else one of the batch."""
    if labelled.free(video_id, time_s):
        offset_s, other = taken.offset_s(video_id, time_s), "a frame that comes first"
    else:
        offset_s, other = labelled.offset_s(video_id, time_s), "a labelled frame"
    return f"Near-duplicate: {offset_text(offset_s)} {other}."


def _without(rows: np.ndarray, removed: list[int]) -> np.ndarray:
    """The rows in their order, less the removed ones."""
    return rows[~np.isin(rows, removed)]


def _interleave(chosen: list[int], sampled: list[int]) -> list[int]:
    """Both in their own order, the sampled rows spread evenly, so that any prefix has its share."""
    count = len(chosen) + len(sampled)
    next_chosen, next_sampled = iter(chosen), iter(sampled)
    is_sampled = [
        (k + 1) * len(sampled) // max(count, 1) > k * len(sampled) // max(count, 1)
        for k in range(count)
    ]
    return [next(next_sampled) if drawn else next(next_chosen) for drawn in is_sampled]


class _LazyRows:
    """(N, D) features in another order, loaded only when indexed: a million may be on disk."""

    def __init__(self, features: FeatureRows, order: np.ndarray) -> None:
        self._features, self._order = features, order

    def __len__(self) -> int:
        return len(self._order)

    def __getitem__(self, rows: np.ndarray) -> np.ndarray:
        return self._features[self._order[rows]]


def _canonical_rows(pool: Pool) -> np.ndarray:
    """(N,) rows sorted by content: video, time, athlete, and ties by features.

    Probabilities decide only between frames that tie in all of these. Features are loaded for ties
    alone.
    """
    video, athlete = factorize(pool.video_ids), factorize(pool.groups)
    times = np.nan_to_num(np.asarray(pool.times_s, float), nan=np.inf)
    order = np.lexsort((athlete, times, video))
    same_as_next = np.logical_and.reduce(
        [key[order][1:] == key[order][:-1] for key in (video, times, athlete)]
    )
    tied = np.zeros(len(order), bool)
    tied[1:] |= same_as_next
    tied[:-1] |= same_as_next
    rows = order[tied]
    keys = [] if pool.probabilities is None else [np.asarray(pool.probabilities)[rows]]
    keys += list(np.asarray(pool.features[rows]).T[:_KEY_COLUMNS])
    order[tied] = rows[np.lexsort([*keys, athlete[rows], times[rows], video[rows]])]
    return order


def _reordered(pool: Pool, order: np.ndarray) -> Pool:
    p = pool.probabilities
    return replace(
        pool,
        features=_LazyRows(pool.features, order),
        probabilities=None if p is None else np.asarray(p)[order],
        video_ids=tuple(map(pool.video_ids.__getitem__, order.tolist())),
        groups=tuple(map(pool.groups.__getitem__, order.tolist())),
        times_s=np.asarray(pool.times_s, float)[order],
    )
