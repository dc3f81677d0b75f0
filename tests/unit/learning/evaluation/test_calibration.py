"""Thresholds and Platt scaling."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pushoff.learning.evaluation.calibration import PlattScaling, shrunk_threshold


def test_few_push_offs_hardly_move_the_threshold():
    """With two push-offs in validation the threshold stays near 0.5; with many it moves."""
    high = np.array([0.95, 0.9] + [0.3] * 20)
    labels = np.array([1, 1] + [0] * 20)
    assert 0.45 < shrunk_threshold(high, labels) < 0.55
    assert shrunk_threshold(np.repeat(high, 50), np.repeat(labels, 50)) > 0.58


@settings(max_examples=60, deadline=None)
@given(st.floats(0, 1), st.floats(0.05, 5), st.floats(-5, 5))
def test_platt_scaling_is_monotonic(clearness, slope, level):
    """A higher score never has a lower probability."""
    curve = PlattScaling(slope, level)
    assert 0 < curve.apply(clearness) < 1
    assert curve.apply(clearness) <= curve.apply(min(clearness + 0.1, 1)) + 1e-12
