"""Least confidence, margin, entropy: the frames a model is least sure of.

With two classes the three say nearly the same. Plainly taken they rank alike about one half; here
they are taken about the model's own threshold, from which it suggests push_off. Least confidence
and entropy stretch each side of it to its half, and so still rank exactly alike; margin is the
distance from it in log-odds, which differs in how the two sides compare. All three are kept,
because people ask for them by name.
"""

import numpy as np

from pushoff.active.pool import Pool
from pushoff.active.strategies.ranking import Ranking, ranked
from pushoff.active.strategies.smoothed_scores import rescale_to_threshold, smoothed
from pushoff.active.strategies.typiclust import without_model

WHY = "The model is among the least sure here."
WHY_REST = "The model is surer here than of the frames before."


def least_confidence(pool: Pool, count: int, dice: np.random.Generator) -> Ranking:
    """Smallest probability of the likelier class first; the most varied first without a model."""
    if pool.probabilities is None:
        return without_model(pool, count, dice)
    level = rescale_to_threshold(smoothed(pool), pool.threshold)
    return _ranked(1 - np.maximum(level, 1 - level), count)


def margin(pool: Pool, count: int, dice: np.random.Generator) -> Ranking:
    """Smallest distance from the threshold in log-odds first; the most varied without a model."""
    if pool.probabilities is None:
        return without_model(pool, count, dice)
    return _ranked(-np.abs(_log_odds(smoothed(pool)) - _log_odds(pool.threshold)), count)


def entropy(pool: Pool, count: int, dice: np.random.Generator) -> Ranking:
    """Largest entropy first; the most varied first without a model."""
    if pool.probabilities is None:
        return without_model(pool, count, dice)
    level = np.clip(rescale_to_threshold(smoothed(pool), pool.threshold), 1e-12, 1 - 1e-12)
    return _ranked(-level * np.log(level) - (1 - level) * np.log(1 - level), count)


def _log_odds(p: np.ndarray | float) -> np.ndarray:
    inside = np.clip(p, 1e-9, 1 - 1e-9)
    return np.log(inside / (1 - inside))


def _ranked(unsure: np.ndarray, count: int) -> Ranking:
    first = np.argsort(-unsure, kind="stable")[:count]
    return ranked(unsure, first, WHY_REST, WHY)
