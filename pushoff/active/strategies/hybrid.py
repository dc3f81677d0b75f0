"""Hybrid: diversity while labels are few, uncertainty as they grow.

With few labels the model's uncertainty is unreliable and unfamiliar frames are worth most; with
many labels it is the reverse (Hacohen 2022). Frames are chosen one at a time, so that a batch does
not contain the same uncertain frame twice: ranked batch-mode sampling (Cardoso et al. 2017) with a
weight that falls with the number of labels."""

import numpy as np

from pushoff.active.pool import Pool
from pushoff.active.strategies.embeddings import embed, nearest_distance
from pushoff.active.strategies.ranking import Ranking, ranked
from pushoff.active.strategies.reasons import certainty_reasons, doubt, with_novelty
from pushoff.active.strategies.smoothed_scores import smoothed
from pushoff.active.strategies.typiclust import without_model

EVEN_AT = 20
"""Labels at which diversity and uncertainty weigh the same. On the sprint clips 20 beat 100."""


def hybrid(pool: Pool, count: int, rng: np.random.Generator) -> Ranking:
    """Largest weighted sum first of distance to labelled and chosen frames and uncertainty.

    The distance weighs EVEN_AT / (EVEN_AT + labels). Falls back to TypiClust without a model.
    """
    if pool.probabilities is None:
        return without_model(pool, count, rng)
    embedded = embed(pool, rng)
    weight = EVEN_AT / (EVEN_AT + len(pool.labelled))
    uncertainty = doubt(smoothed(pool), pool.threshold)
    weighted = (1 - weight) * uncertainty[embedded.rows]
    distance = nearest_distance(embedded.pool, embedded.labelled)
    reasons = with_novelty(certainty_reasons(pool), embedded.rows, distance)
    chosen: list[int] = []
    for _ in range(min(count, len(embedded.rows))):
        pick = int((weight * np.minimum(distance, 1) + weighted).argmax())
        chosen.append(pick)
        distance = np.minimum(distance, 1 - embedded.pool @ embedded.pool[pick])
        distance[pick] = -np.inf
    return ranked(uncertainty, embedded.rows[chosen], reasons)
