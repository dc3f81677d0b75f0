"""Errors of toes, frames, scale and lane, propagated to distances."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushoff.events.measure.error_propagation import ground_distances, toe_drift_m
from pushoff.events.measure.ground_calibration import CameraSetup, from_scale

TOES = np.array([[100.0, 500.0], [400.0, 500.0], [800.0, 500.0]])
NO_DRIFT = np.zeros((3, 2))


@given(st.floats(0, 4), st.floats(0.1, 4))
def test_a_less_certain_frame_moves_the_toe_further(frames, more):
    """The drift grows with the frame's error and with the duration of a frame."""
    drift = toe_drift_m(np.array([frames, frames + more]), 240)
    assert drift.shape == (2, 2) and (drift[1] > drift[0]).all()
    assert toe_drift_m(np.array([more]), 120) == pytest.approx(
        toe_drift_m(np.array([2 * more]), 240)
    )


def test_a_frame_without_error_has_no_drift():
    """The toe is where it left the ground."""
    assert toe_drift_m(np.zeros(1), 240) == pytest.approx(np.zeros((1, 2)))


def test_two_independent_toes_add_in_quadrature():
    """At 100 px per metre, 3 px at both ends are 4.2 cm; in the sum the middle toe cancels."""
    distances = ground_distances(TOES, np.full(3, 3.0), NO_DRIFT, from_scale(100))
    assert distances.lengths_m == pytest.approx([3.0, 4.0])
    assert distances.parts_m()["toe_m"] == pytest.approx([0.03 * 2**0.5] * 2, rel=1e-3)
    assert distances.total_m()[0] == pytest.approx(7.0)
    of_the_sum = distances.effects_m["toe_m"].sum(axis=1)
    assert np.linalg.norm(of_the_sum) == pytest.approx(0.03 * 2**0.5, rel=1e-3)


def test_an_unknown_toe_affects_its_own_distances_only():
    """NaN at the last toe leaves the first distance and its error finite."""
    toes = TOES.copy()
    toes[2] = np.nan
    distances = ground_distances(toes, np.full(3, 3.0), NO_DRIFT, from_scale(100))
    assert np.isfinite([distances.lengths_m[0], distances.errors_m()[0]]).all()
    assert np.isnan(distances.lengths_m[1])


def test_an_error_of_the_scale_does_not_change_the_shares():
    """What is common to all phases widens distances, not their ratio."""
    setup = CameraSetup(lateral_offset_m=0.5)
    exact = ground_distances(TOES, np.zeros(3), NO_DRIFT, from_scale(100, setup=setup))
    shares, errors = exact.shares()
    assert shares == pytest.approx([3 / 7, 4 / 7])
    assert (exact.errors_m() > 0.01).all()
    assert errors == pytest.approx([0, 0], abs=1e-9)
