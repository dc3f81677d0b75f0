"""The random order."""

import numpy as np

from pushoff.active.strategies.random_sampling import random_sampling
from tests.unit.active.pools import pool_of


def test_the_order_is_the_generators():
    """The generator alone decides the order: probabilities and features do not matter."""
    pools = [pool_of(30, seed, model=seed > 1) for seed in (1, 2)]
    orders = [random_sampling(p, 5, np.random.default_rng(4)).rows.tolist() for p in pools]
    assert orders[0] == orders[1] != list(range(30))
    assert sorted(orders[0]) == list(range(30))
