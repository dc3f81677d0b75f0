"""Constraints on every batch: spacing in time, balance over athletes and videos, random samples."""

from bisect import bisect_left, insort

import numpy as np

from pushoff.active.pool import Pool
from pushoff.active.strategies.smoothed_scores import factorize

BALANCE = 2.0
"""Among the first n frames no video and no athlete has more than this many times its equal
share."""
_ROUNDING_S = 1e-6


class TimeSpacing:
    """The camera times taken in each video, so that no two are too close."""

    def __init__(self, spacing_s: float) -> None:
        self.spacing_s = spacing_s - _ROUNDING_S
        self._taken: dict[str, list[float]] = {}

    def free(self, video: str, time_s: float) -> bool:
        """Whether no taken frame is within the spacing; a frame without a time is always free."""
        return abs(self.offset_s(video, time_s)) >= self.spacing_s

    def offset_s(self, video: str, time_s: float) -> float:
        """Seconds from the nearest taken time of the video, negative before it; inf without one."""
        taken = self._taken.get(video)
        if not taken or not np.isfinite(time_s):
            return float("inf")
        neighbours = taken[max(bisect_left(taken, time_s) - 1, 0) :][:2]
        return min((time_s - other for other in neighbours), key=abs)

    def take(self, video: str, time_s: float) -> None:
        """Record a frame as taken."""
        if np.isfinite(time_s):
            insort(self._taken.setdefault(video, []), time_s)


def sample_random(
    pool: Pool, count: int, spacing: TimeSpacing, rng: np.random.Generator
) -> list[int]:
    """At most `count` rows, uniformly sampled subject to the spacing, and recorded as taken."""
    rows: list[int] = []
    for row in rng.permutation(len(pool)).tolist():
        if len(rows) >= count:
            break
        if spacing.free(pool.video_ids[row], pool.times_s[row]):
            spacing.take(pool.video_ids[row], pool.times_s[row])
            rows.append(row)
    return rows


def take_balanced(
    pool: Pool, ranked: np.ndarray, count: int, spacing: TimeSpacing, *, balanced: bool = True
) -> list[int]:
    """At most `count` rows in the order of `ranked` (K,), spaced and, if asked for, balanced.

    A frame that would give its video or athlete too large a share waits until others catch up.
    """
    queues = _PerVideoQueues(pool, ranked, spacing)
    athletes = max(int(queues.athlete.max(initial=0)) + 1, 1)
    of_video, of_athlete = np.zeros(len(queues.rank), int), np.zeros(athletes, int)
    rows: list[int] = []
    while len(rows) < count:
        n = len(rows) + 1
        waiting = np.isfinite(queues.rank)
        allowed = waiting & (of_video < max(np.ceil(BALANCE * n / len(queues.rank)), 1))
        allowed &= of_athlete[queues.athlete] < max(np.ceil(BALANCE * n / athletes), 1)
        candidates = allowed if balanced and allowed.any() else waiting
        if not candidates.any():
            break
        video = int(np.where(candidates, queues.rank, np.inf).argmin())
        rows.append(queues.pop(video))
        of_video[video] += 1
        of_athlete[queues.athlete[video]] += 1
    return rows


class _PerVideoQueues:
    """The ranked rows of each video in a queue of their own.

    A video here is one video of one athlete. `rank` (V,) is the rank of each queue's next row among
    all rows, inf for an empty queue; `athlete` (V,) is the athlete's number.
    """

    def __init__(self, pool: Pool, ranked: np.ndarray, spacing: TimeSpacing) -> None:
        video_id, athlete = factorize(pool.video_ids), factorize(pool.groups)
        pairs = video_id * (athlete.max(initial=0) + 1) + athlete
        _, first, video = np.unique(pairs, return_index=True, return_inverse=True)
        order = ranked[np.argsort(video[ranked], kind="stable")]
        starts = np.searchsorted(video[order], np.arange(1, len(first)))
        self._waiting = [iter(rows.tolist()) for rows in np.split(order, starts)]
        self._pool, self._spacing = pool, spacing
        self._rank_of_row = np.empty(len(pool), int)
        self._rank_of_row[ranked] = np.arange(len(ranked))
        self._next = [-1] * len(first)
        self.athlete = athlete[first]
        self.rank = np.full(len(first), np.inf)
        for number in range(len(first)):
            self._advance(number)

    def pop(self, video: int) -> int:
        """The video's next row, recorded as taken."""
        row = self._next[video]
        self._spacing.take(self._pool.video_ids[row], self._pool.times_s[row])
        self._advance(video)
        return row

    def _advance(self, video: int) -> None:
        self.rank[video] = np.inf
        for row in self._waiting[video]:
            if self._spacing.free(self._pool.video_ids[row], self._pool.times_s[row]):
                self._next[video], self.rank[video] = row, self._rank_of_row[row]
                return
