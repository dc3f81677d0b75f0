"""Hybrid: variety while labels are few, the model's doubts as they grow.

With few labels a model's doubts mean little and frames unlike those known teach most; with many it
is the other way round (Hacohen 2022). One pick at a time, so a batch does not hold the same doubt
twice (ranked batch-mode sampling, Cardoso et al. 2017, with a weight that falls with the labels).
"""

import numpy as np

from pushoff.active.pool import Pool
from pushoff.active.strategies.embeddings import embed, nearest_distance
from pushoff.active.strategies.ranking import Ranking, ranked
from pushoff.active.strategies.smoothed_scores import rescale_to_threshold, smoothed
from pushoff.active.strategies.typiclust import without_model

EVEN_AT = 20
"""Labels at which variety and doubt weigh the same. On the sprint clips 20 did better than 100."""
WHY = "The model is unsure here, and this looks unlike the frames labelled so far."
WHY_REST = "Frames that are more unlike those known, or less sure, come first."


def hybrid(pool: Pool, count: int, dice: np.random.Generator) -> Ranking:
    """Largest sum first of distance from all labelled and picked frames, weighted
    EVEN_AT / (EVEN_AT + labels), and doubt; the most varied first without a model."""
    if pool.probabilities is None:
        return without_model(pool, count, dice)
    seen = embed(pool, dice)
    share = EVEN_AT / (EVEN_AT + len(pool.labelled))
    doubt = 1 - np.abs(2 * rescale_to_threshold(smoothed(pool), pool.threshold) - 1)
    weighed = (1 - share) * doubt[seen.rows]
    near = nearest_distance(seen.pool, seen.labelled)
    picks: list[int] = []
    for _ in range(min(count, len(seen.rows))):
        pick = int((share * np.minimum(near, 1) + weighed).argmax())
        picks.append(pick)
        near = np.minimum(near, 1 - seen.pool @ seen.pool[pick])
        near[pick] = -np.inf
    return ranked(doubt, seen.rows[picks], WHY_REST, WHY)
