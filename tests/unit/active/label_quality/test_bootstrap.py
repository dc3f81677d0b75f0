"""Bootstrap intervals with sessions as the unit."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pushoff.active.label_quality.bootstrap import (
    bootstrap,
    estimate,
    resampling_counts,
    with_interval,
)


def share(counts):
    return counts[1] / counts.sum() if counts.sum() else float("nan")


@given(st.lists(st.floats(-10, 10), min_size=20, max_size=60), st.integers(0, 5))
def test_the_interval_lies_within_the_finite_bootstrap_values(values, undefined):
    """NaN values are ignored while they are fewer than half."""
    measured = estimate(0.0, [*values, *[float("nan")] * undefined])
    if np.ptp(values) < 1e-9:
        assert measured.low is None and measured.high is None
    else:
        assert min(values) <= measured.low <= measured.high <= max(values)


def test_mostly_undefined_values_give_no_interval():
    """More than half NaN: there is a value and no interval; an undefined value is no estimate."""
    values = [0.1, 0.2, *[float("nan")] * 3]
    assert estimate(0.15, values).low is None
    assert with_interval(float("nan"), values) is None


def test_sessions_are_resampled_as_a_whole():
    """Frames that only one of two sessions has are absent from about a quarter of the draws."""
    draws = list(resampling_counts(["a"] * 30 + ["b"] * 30, draws=400))
    absent = np.mean([not counts[:30].any() for counts in draws])
    assert 0.15 < absent < 0.35
    assert not list(resampling_counts([]))


def test_the_seed_fixes_the_interval():
    """The value is the statistic of all frames, within its interval, twice the same."""
    cells = np.array([0, 1, 1, 0, 1, 1, 1, 0] * 5)
    few, many = (
        bootstrap(cells, 2, share, [str(row * count // 40) for row in range(40)], draws=300)
        for count in (3, 40)
    )
    assert few.value == many.value == share(np.bincount(cells).astype(float))
    assert few == bootstrap(cells, 2, share, [str(row * 3 // 40) for row in range(40)], draws=300)
    assert few.low <= few.value <= few.high and many.low <= many.value <= many.high
    assert bootstrap(np.zeros(0, int), 2, share, []) is None
