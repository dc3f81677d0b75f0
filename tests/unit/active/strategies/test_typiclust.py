"""The TypiClust strategy on tight clumps of frames."""

from pushoff.active.strategies.typiclust import typiclust
from tests.unit.active.pools import asked, clumps


def test_typiclust_takes_one_of_each_clump_the_uncovered_first():
    """One pick in each clump; the largest without a label comes before the labelled one."""
    pool, where = clumps([12, 30, 20], labelled=[1])
    first = [int(where[row]) for row in asked(typiclust, pool, 2)[:2]]
    assert [2, 0] == first
