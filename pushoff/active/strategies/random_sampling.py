"""Random: what every other strategy is measured against, and the only one that bends nothing."""

import numpy as np

from pushoff.active.pool import Pool
from pushoff.active.strategies.ranking import Ranking

WHY = "Picked at random, so that estimates made from the labels stay fair."


def random_sampling(pool: Pool, count: int, dice: np.random.Generator) -> Ranking:
    """Any order is as likely as any other; neither labels nor probabilities matter."""
    return Ranking(dice.permutation(len(pool)), (WHY,) * len(pool))
