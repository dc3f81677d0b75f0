"""Least confidence, margin, entropy: the frames a model is least sure of.

With two classes the three are nearly equivalent. Here they are taken about the model's threshold
instead of 0.5. Least confidence and entropy rescale probabilities so that the threshold is at 0.5,
and rank identically; margin is the distance to the threshold in log-odds, which weighs the two
sides differently. All three exist because people ask for them by name."""

import numpy as np

from pushoff.active.pool import Pool
from pushoff.active.strategies.ranking import Ranking, ranked
from pushoff.active.strategies.reasons import certainty_reasons
from pushoff.active.strategies.smoothed_scores import rescale_to_threshold, smoothed
from pushoff.active.strategies.typiclust import without_model


def least_confidence(pool: Pool, count: int, rng: np.random.Generator) -> Ranking:
    """Smallest probability of the likelier class first; TypiClust without a model."""
    if pool.probabilities is None:
        return without_model(pool, count, rng)
    level = rescale_to_threshold(smoothed(pool), pool.threshold)
    return _ranked(pool, 1 - np.maximum(level, 1 - level), count)


def margin(pool: Pool, count: int, rng: np.random.Generator) -> Ranking:
    """Smallest distance from the threshold in log-odds first; TypiClust without a model."""
    if pool.probabilities is None:
        return without_model(pool, count, rng)
    distance = np.abs(_log_odds(smoothed(pool)) - _log_odds(pool.threshold))
    return _ranked(pool, -distance, count)


def entropy(pool: Pool, count: int, rng: np.random.Generator) -> Ranking:
    """Largest entropy first; TypiClust without a model."""
    if pool.probabilities is None:
        return without_model(pool, count, rng)
    level = np.clip(rescale_to_threshold(smoothed(pool), pool.threshold), 1e-12, 1 - 1e-12)
    return _ranked(pool, -level * np.log(level) - (1 - level) * np.log(1 - level), count)


def _log_odds(p: np.ndarray | float) -> np.ndarray:
    clipped = np.clip(p, 1e-9, 1 - 1e-9)
    return np.log(clipped / (1 - clipped))


def _ranked(pool: Pool, uncertainty: np.ndarray, count: int) -> Ranking:
    first = np.argsort(-uncertainty, kind="stable")[:count]
    return ranked(uncertainty, first, certainty_reasons(pool))
