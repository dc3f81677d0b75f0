"""Random sampling: the baseline of every other strategy, and the only unbiased one."""

import numpy as np

from pushoff.active.pool import Pool
from pushoff.active.strategies.ranking import Ranking

REASON = "Picked at random, so that label statistics are unbiased."


def random_sampling(pool: Pool, count: int, rng: np.random.Generator) -> Ranking:
    """A uniformly random order; labels and probabilities are ignored."""
    return Ranking(rng.permutation(len(pool)), (REASON,) * len(pool))
