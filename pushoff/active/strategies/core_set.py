"""Core-set: greedy k-centre, always the frame furthest from everything labelled or picked.

Sener and Savarese, "Active learning for convolutional neural networks: a core-set approach", 2018.
"""

import numpy as np

from pushoff.active.pool import Pool
from pushoff.active.strategies.embeddings import (
    embed,
    half_squared_distance,
    half_squares,
    nearest_distance,
)
from pushoff.active.strategies.ranking import Ranking, ranked

WHY = "This looks least like any frame labelled or picked before it."
WHY_REST = "Frames before it say more of how this one looks."


def core_set(pool: Pool, count: int, dice: np.random.Generator) -> Ranking:
    """The first `count` by greedy k-centre, the others by their distance from those."""
    seen = embed(pool, dice, directions=False)
    half = half_squares(seen.pool)
    near = nearest_distance(seen.pool, seen.labelled)
    picks: list[int] = []
    for _ in range(min(count, len(seen.rows))):
        if np.isinf(near).all():  # nothing labelled: begin in the middle
            pick = int(
                half_squared_distance(seen.pool, seen.pool.mean(axis=0, keepdims=True)).argmin()
            )
        else:
            pick = int(near.argmax())
        picks.append(pick)
        near = np.minimum(near, half + half[pick] - seen.pool @ seen.pool[pick])
        near[pick] = -np.inf
    scores = np.full(len(pool), -np.inf)
    scores[seen.rows] = near
    return ranked(scores, seen.rows[picks], WHY_REST, WHY)
