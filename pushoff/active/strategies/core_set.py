"""Core-set: greedy k-centre, each time the frame furthest from all labelled and chosen ones.

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

REASON = "Unlike any frame labelled or queued so far."
REASON_REST = "Similar to frames higher up in the queue."


def core_set(pool: Pool, count: int, rng: np.random.Generator) -> Ranking:
    """The first `count` by greedy k-centre, the others by their distance to these."""
    embedded = embed(pool, rng, directions=False)
    half = half_squares(embedded.pool)
    distance = nearest_distance(embedded.pool, embedded.labelled)
    chosen: list[int] = []
    for _ in range(min(count, len(embedded.rows))):
        if np.isinf(distance).all():  # no label yet: start at the mean
            mean = embedded.pool.mean(axis=0, keepdims=True)
            pick = int(half_squared_distance(embedded.pool, mean).argmin())
        else:
            pick = int(distance.argmax())
        chosen.append(pick)
        distance = np.minimum(distance, half + half[pick] - embedded.pool @ embedded.pool[pick])
        distance[pick] = -np.inf
    scores = np.full(len(pool), -np.inf)
    scores[embedded.rows] = distance
    return ranked(scores, embedded.rows[chosen], REASON_REST, REASON)
