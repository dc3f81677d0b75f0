"""The result of a strategy: every frame of the pool, the most useful first, with a reason each."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pushoff.active.pool import Pool


@dataclass(frozen=True, eq=False)
class Ranking:
    """An order of the pool's N frames."""

    rows: np.ndarray
    """(N,) int, each row of the pool once, the most useful first."""
    reasons: tuple[str, ...]
    """N sentences for the annotator, each true of its frame, in the order of the pool's rows."""


Strategy = Callable[[Pool, int, np.random.Generator], Ranking]
"""(pool, count, rng) -> ranking: the first `count` rows are chosen one by one, the others are
sorted by a cheap score."""


def ranked(
    scores: np.ndarray,
    first: np.ndarray | None = None,
    reason_rest: str | Sequence[str] = "",
    reason_first: str | Mapping[int, str] = "",
) -> Ranking:
    """The rows of `first` in their order, then the others by (N,) `scores`, largest first.

    `reason_first` is one sentence for all of `first`, or one for each row by its number;
    `reason_rest` one for all frames that it does not name, or N in the order of the pool.
    """
    chosen = np.zeros(0, int) if first is None else np.asarray(first, int)
    order = np.argsort(-np.asarray(scores, float), kind="stable")
    taken = np.zeros(len(order), bool)
    taken[chosen] = True
    if isinstance(reason_rest, str):
        reasons = [reason_rest] * len(order)
    else:
        reasons = list(reason_rest)
    for row in chosen.tolist():
        if isinstance(reason_first, str):
            reasons[row] = reason_first or reasons[row]
        else:
            reasons[row] = reason_first[row]
    return Ranking(np.concatenate([chosen, order[~taken[order]]]), tuple(reasons))


def round_robin(parts: list[tuple[Ranking, float]], count: int) -> Ranking:
    """Merge rankings by weighted round robin for `count` rows; the last ranking orders the rest.

    `parts` are (ranking, share) pairs. A frame keeps the reason of the ranking it came from.
    """
    size = len(parts[0][0].rows)
    taken = np.zeros(size, bool)
    rows: list[int] = []
    reasons = list(parts[-1][0].reasons)
    queues = [iter(ranking.rows.tolist()) for ranking, _ in parts]
    taken_from = np.zeros(len(parts))
    shares = np.array([share for _, share in parts])
    while len(rows) < min(count, size):
        turn = int(np.argmax(shares * (len(rows) + 1) - taken_from))
        row = next(row for row in queues[turn] if not taken[row])
        taken_from[turn] += 1
        taken[row] = True
        rows.append(row)
        reasons[row] = parts[turn][0].reasons[row]
    rest = parts[-1][0].rows
    return Ranking(np.concatenate([np.array(rows, int), rest[~taken[rest]]]), tuple(reasons))
