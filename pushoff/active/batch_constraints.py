"""Laid around every strategy: spacing in time, balance over athletes and videos, random picks."""

from bisect import bisect_left, insort

import numpy as np

from pushoff.active.pool import Pool
from pushoff.active.strategies.smoothed_scores import factorize

BALANCE = 2.0
"""Among the first n frames no video and no athlete has more than this many times its equal part."""
_HAIR_S = 1e-6


class TimeSpacing:
    """The camera times taken in each video, so that no two lie too close."""

    def __init__(self, spacing_s: float) -> None:
        self.spacing_s = spacing_s - _HAIR_S
        self._taken: dict[str, list[float]] = {}

    def free(self, video: str, time_s: float) -> bool:
        """Whether nothing is taken within the spacing; a frame without a time is never close."""
        taken = self._taken.get(video)
        if not taken or not np.isfinite(time_s):
            return True
        place = bisect_left(taken, time_s)
        return all(
            abs(time_s - other) >= self.spacing_s for other in taken[max(place - 1, 0) :][:2]
        )

    def take(self, video: str, time_s: float) -> None:
        """Note a frame as taken."""
        if np.isfinite(time_s):
            insort(self._taken.setdefault(video, []), time_s)


def sample_random(
    pool: Pool, count: int, spaced: TimeSpacing, dice: np.random.Generator
) -> list[int]:
    """At most `count` rows, any as likely as any other but for the spacing; notes them taken."""
    picks: list[int] = []
    for row in dice.permutation(len(pool)).tolist():
        if len(picks) >= count:
            break
        if spaced.free(pool.sessions[row], pool.times_s[row]):
            spaced.take(pool.sessions[row], pool.times_s[row])
            picks.append(row)
    return picks


def take_balanced(
    pool: Pool, wishes: np.ndarray, count: int, spaced: TimeSpacing, *, balanced: bool = True
) -> list[int]:
    """At most `count` rows in the order of (N,) `wishes`, spaced and, if asked for, balanced.

    A frame that would give its video or athlete too much waits until others have caught up.
    """
    videos = _Videos(pool, wishes, spaced)
    athletes = max(int(videos.athlete.max(initial=0)) + 1, 1)
    had_video, had_athlete = np.zeros(len(videos.head), int), np.zeros(athletes, int)
    picks: list[int] = []
    while len(picks) < count:
        n = len(picks) + 1
        waiting = np.isfinite(videos.head)
        allowed = waiting & (had_video < max(np.ceil(BALANCE * n / len(videos.head)), 1))
        allowed &= had_athlete[videos.athlete] < max(np.ceil(BALANCE * n / athletes), 1)
        choice = allowed if balanced and allowed.any() else waiting
        if not choice.any():
            break
        video = int(np.where(choice, videos.head, np.inf).argmin())
        row = videos.pop(video)
        picks.append(row)
        had_video[video] += 1
        had_athlete[videos.athlete[video]] += 1
    return picks


class _Videos:
    """The wishes of each video on its own, and the place of each video's next one among all.

    A video is a session of one athlete.
    """

    def __init__(self, pool: Pool, wishes: np.ndarray, spaced: TimeSpacing) -> None:
        session, athlete = factorize(pool.sessions), factorize(pool.groups)
        pairs = session * (athlete.max(initial=0) + 1) + athlete
        _, first, video = np.unique(pairs, return_index=True, return_inverse=True)
        order = wishes[np.argsort(video[wishes], kind="stable")]
        starts = np.searchsorted(video[order], np.arange(1, len(first)))
        self._waiting = [iter(rows.tolist()) for rows in np.split(order, starts)]
        self._pool, self._spaced = pool, spaced
        self._place = np.empty(len(pool), int)
        self._place[wishes] = np.arange(len(wishes))
        self._next = [-1] * len(first)
        self.athlete = athlete[first]
        self.head = np.full(len(first), np.inf)
        for number in range(len(first)):
            self._advance(number)

    def pop(self, video: int) -> int:
        """The video's next row, noted as taken."""
        row = self._next[video]
        self._spaced.take(self._pool.sessions[row], self._pool.times_s[row])
        self._advance(video)
        return row

    def _advance(self, video: int) -> None:
        self.head[video] = np.inf
        for row in self._waiting[video]:
            if self._spaced.free(self._pool.sessions[row], self._pool.times_s[row]):
                self._next[video], self.head[video] = row, self._place[row]
                return
