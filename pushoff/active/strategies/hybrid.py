"""Hybrid: variety while labels are few, the model's doubts as they grow.

With few labels a model's doubts mean little and typical frames teach most; with many it is the
other way round (Hacohen 2022).
"""

from math import ceil

import numpy as np

from pushoff.active.pool import Pool
from pushoff.active.strategies.ranking import Ranking
from pushoff.active.strategies.typiclust import typiclust, without_model
from pushoff.active.strategies.uncertainty import margin

EVEN_AT = 5
"""Labels at which half of the picks are for variety and half for doubt. On the sprint clips 5 did
better than 15 and 30."""


def hybrid(pool: Pool, count: int, dice: np.random.Generator) -> Ranking:
    """Typical and doubtful frames by turns; of M labels, EVEN_AT / (EVEN_AT + M) are typical."""
    if pool.probabilities is None:
        return without_model(pool, count, dice)
    share = EVEN_AT / (EVEN_AT + len(pool.labelled))
    varied = typiclust(pool, ceil(share * count) + 1, dice)
    unsure = margin(pool, count, dice)
    return by_turns([(varied, share), (unsure, 1 - share)], count)


def by_turns(parts: list[tuple[Ranking, float]], count: int) -> Ranking:
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
