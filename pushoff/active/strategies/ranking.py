"""What a strategy answers: every frame of the pool, the most wanted first, and why."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from pushoff.active.pool import Pool


@dataclass(frozen=True, eq=False)
class Ranking:
    """A wish for each of the pool's N frames."""

    rows: np.ndarray
    """(N,) int, each row of the pool once, the most wanted first."""
    why: tuple[str, ...]
    """N sentences for the annotator, in the order of the pool's rows."""


Strategy = Callable[[Pool, int, np.random.Generator], Ranking]
"""(pool, count, dice) to a ranking: the first `count` rows are chosen with care, the others are
ordered by something cheap."""


def ranked(
    scores: np.ndarray,
    first: np.ndarray | None = None,
    why_rest: str = "",
    why_first: str | Mapping[int, str] = "",
) -> Ranking:
    """The rows of `first` in their order, then the others by (N,) `scores`, largest first.

    `why_first` is one sentence for all of `first`, or one for each row.
    """
    front = np.zeros(0, int) if first is None else np.asarray(first, int)
    order = np.argsort(-np.asarray(scores, float), kind="stable")
    taken = np.zeros(len(order), bool)
    taken[front] = True
    why = [why_rest] * len(order)
    for row in front.tolist():
        why[row] = why_first if isinstance(why_first, str) else why_first[row]
    return Ranking(np.concatenate([front, order[~taken[order]]]), tuple(why))


def round_robin(parts: list[tuple[Ranking, float]], count: int) -> Ranking:
    """Each ranking's next wish in turn, as often as its share says; the last one's for the rest.

    A frame keeps the sentence of the ranking it came from.
    """
    size = len(parts[0][0].rows)
    taken = np.zeros(size, bool)
    rows: list[int] = []
    why = list(parts[-1][0].why)
    wishes = [iter(ranking.rows.tolist()) for ranking, _ in parts]
    given = np.zeros(len(parts))
    shares = np.array([share for _, share in parts])
    while len(rows) < min(count, size):
        turn = int(np.argmax(shares * (len(rows) + 1) - given))
        row = next(row for row in wishes[turn] if not taken[row])
        given[turn] += 1
        taken[row] = True
        rows.append(row)
        why[row] = parts[turn][0].why[row]
    rest = parts[-1][0].rows
    return Ranking(np.concatenate([np.array(rows, int), rest[~taken[rest]]]), tuple(why))
