import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushoff.util.smoothing import gaussian_smooth


@given(st.integers(1, 60), st.floats(0.3, 20), st.floats(-1e3, 1e3))
def test_a_level_curve_stays_level(count, spread, level):
    """Nothing is invented at the ends, however short the curve."""
    assert gaussian_smooth(np.full(count, level), spread) == pytest.approx(np.full(count, level))


def test_a_peak_stays_where_it_is_and_loses_nothing():
    """One spike becomes a bell about the same place with the same sum."""
    spike = np.zeros((101, 2))
    spike[40] = 1, 3
    smooth = gaussian_smooth(spike, 4.0)
    assert smooth.shape == (101, 2)
    assert (smooth.argmax(0) == 40).all()
    assert smooth.sum(0) == pytest.approx([1, 3])
