"""Curves of a free leg between its contacts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushoff.synthetic.gait import Curve, Style, flight_keys, free_keys


@given(st.lists(st.floats(-5, 5), min_size=2, max_size=8))
def test_a_curve_goes_through_its_keys(values):
    """And holds the first and the last value outside them."""
    times = np.arange(len(values)) * 0.1
    curve = Curve(times, np.array(values)[:, None], np.zeros(len(values)))
    for time_s, value in zip(times, values, strict=True):
        assert curve.at(float(time_s)) == pytest.approx([value], abs=1e-9)
    assert curve.at(-1.0) == pytest.approx(values[:1])
    assert curve.at(99.0) == pytest.approx(values[-1:])


def test_a_straight_line_stays_straight():
    """Evenly spaced keys of one slope: no overshoot between them."""
    curve = Curve(np.array([0.0, 1.0, 2.0]), np.array([[0.0], [2.0], [4.0]]), np.zeros(3))
    assert [curve.at(t)[0] for t in (0.25, 0.5, 1.75)] == pytest.approx([0.5, 1.0, 3.5])


@pytest.mark.parametrize("pushed", [False, True])
@pytest.mark.parametrize("lands", [False, True])
def test_keys_of_a_flight_rise_and_lie_within_it(pushed, lands):
    """Seconds after the push-off, ascending; a leg that pushed off starts at its toe-off."""
    keys = flight_keys(pushed, lands, np.zeros(3), 0.3, Style())
    times = [time_s for time_s, _ in keys]
    assert times == sorted(times) and all(0 < time_s < 0.3 for time_s in times)
    assert [time_s for time_s, _ in free_keys(0.2, Style())] == pytest.approx([0, 0.09, 0.2])
