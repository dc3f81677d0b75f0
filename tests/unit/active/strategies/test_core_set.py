"""The core-set strategy on tight clumps of frames."""

from pushoff.active.strategies.core_set import core_set
from tests.unit.active.pools import asked, clumps


def test_core_set_goes_to_what_is_unlike_all_that_is_known():
    """Of three clumps, one labelled, the first two picks are in the other two."""
    pool, where = clumps([5, 20, 5], labelled=[1])
    assert {0, 2} == {int(where[row]) for row in asked(core_set, pool, 6)[:2]}
