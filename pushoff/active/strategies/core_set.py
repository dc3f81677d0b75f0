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

FAR = 0.5
"""Half the squared distance, of features whose mean length is 1, from which two frames are unlike:
that of two frames without anything in common is 1."""
FIRST = "The most average frame: nothing is labelled yet."
UNLIKE = "Unlike every labelled frame and every earlier one."
LEAST_ALIKE = "Of the frames that were left it was the least like earlier ones."
ALIKE = "Looks like a labelled frame or an earlier one."
NOT_COMPARED = "Not compared with the other frames: there are too many."


def core_set(pool: Pool, count: int, rng: np.random.Generator) -> Ranking:
    """The first `count` by greedy k-centre, the others by their distance to these."""
    embedded = embed(pool, rng, directions=False)
    half = half_squares(embedded.pool)
    distance = nearest_distance(embedded.pool, embedded.labelled)
    chosen: list[int] = []
    reasons = [NOT_COMPARED] * len(pool)
    for _ in range(min(count, len(embedded.rows))):
        if np.isinf(distance).all():  # no label yet: start at the mean
            mean = embedded.pool.mean(axis=0, keepdims=True)
            pick = int(half_squared_distance(embedded.pool, mean).argmin())
            reason = FIRST
        else:
            pick = int(distance.argmax())
            reason = UNLIKE if distance[pick] >= FAR else LEAST_ALIKE
        reasons[embedded.rows[pick]] = reason
        chosen.append(pick)
        distance = np.minimum(distance, half + half[pick] - embedded.pool @ embedded.pool[pick])
        distance[pick] = -np.inf
    scores = np.full(len(pool), -np.inf)
    scores[embedded.rows] = distance
    left = np.isfinite(distance)
    for row, away in zip(embedded.rows[left].tolist(), distance[left], strict=True):
        reasons[row] = UNLIKE if away >= FAR else ALIKE
    return ranked(scores, embedded.rows[chosen], reasons)
