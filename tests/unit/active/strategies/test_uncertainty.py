"""Which frames the uncertainty strategies put first."""

import numpy as np
import pytest

from pushoff.active.strategies.uncertainty import entropy, least_confidence, margin
from tests.unit.active.pools import asked, video


@pytest.mark.parametrize("strategy", [least_confidence, margin, entropy])
def test_the_least_sure_come_first(strategy):
    """Nearest to the model's own threshold first, not to one half."""
    pool = video([0.99, 0.31, 0.02, 0.6], threshold=0.3)
    rows = asked(strategy, pool, 4)
    assert 1 == rows[0] and {0, 2} == set(rows[2:])


def test_with_two_classes_doubts_rank_alike():
    """Least confidence and entropy give the very same order; margin, too, at one half."""
    pool = video(np.random.default_rng(3).random(60))
    rows = asked(least_confidence, pool, 60)
    assert rows == asked(entropy, pool, 60) == asked(margin, pool, 60)
