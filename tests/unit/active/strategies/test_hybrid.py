"""The hybrid strategy on tight clumps of frames."""

from dataclasses import replace

import numpy as np

from pushoff.active.pool import LabelledPool
from pushoff.active.strategies.hybrid import EVEN_AT, hybrid
from tests.unit.active.pools import asked, clumps


def test_hybrid_moves_from_variety_to_doubt():
    """With few labels it leaves the labelled clump; with many it follows the model's doubts."""
    pool, where = clumps([10, 10], labelled=[0])
    doubtful_here = replace(pool, probabilities=np.where(where == 0, 0.5, 0.9))
    assert 1 == where[asked(hybrid, doubtful_here, 1)[0]]
    count = 50 * EVEN_AT
    known = LabelledPool(
        np.repeat(pool.labelled.features, count, axis=0),
        np.zeros(count, int),
        ("a",) * count,
        ("a",) * count,
        np.full(count, np.nan),
    )
    assert 0 == where[asked(hybrid, replace(doubtful_here, labelled=known), 1)[0]]
