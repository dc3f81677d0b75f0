"""The probability of a frame from the decoded sequence."""

import json
from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pushoff.learning.evaluation.frame_calibration import FrameCalibration, fit_frame_calibration
from pushoff.learning.evaluation.metrics import calibration_error

labelled_frames = st.lists(
    st.tuples(st.floats(0, 1), st.booleans(), st.integers(0, 1)), max_size=60
)
CURVE = np.linspace(0, 1, 21)


def fit(rows) -> FrameCalibration:
    curve, is_push_off, labels = (np.array([row[i] for row in rows]) for i in range(3))
    return fit_frame_calibration(curve, is_push_off, labels)


def test_without_frames_it_is_the_curve_itself():
    """Nothing is known about the head's probabilities, so they are taken as they are."""
    curve = fit(())
    assert FrameCalibration() == curve
    assert curve.apply(CURVE, np.zeros(21)) == pytest.approx(np.clip(CURVE, 1e-4, 1 - 1e-4))


def test_few_frames_change_little():
    """Three frames that agree with the curve hardly move it."""
    p = fit([(0.9, True, 1), (0.2, False, 0), (0.1, False, 0)]).apply(CURVE, np.zeros(21))
    assert np.abs(p - CURVE).max() < 0.1


@settings(deadline=None)
@given(labelled_frames)
def test_it_is_monotonic(rows):
    """A higher curve, a decoded push-off, and a surer one never lower the probability."""
    calibration = fit(rows)
    p = [calibration.apply(CURVE, np.full(21, event)) for event in (0.0, 0.5, 1.0)]
    assert all((np.diff(values) >= 0).all() for values in p)
    assert (p[0] <= p[1]).all() and (p[1] <= p[2]).all()
    assert 0 < p[0].min() and p[2].max() < 1


@settings(deadline=None)
@given(labelled_frames, st.integers(2, 5))
def test_the_order_of_frames_does_not_matter(rows, seed):
    """Nor does the fit depend on chance."""
    order = np.random.default_rng(seed).permutation(len(rows))
    assert asdict(fit(rows)) == pytest.approx(asdict(fit([rows[i] for i in order])), abs=1e-4)


def test_frames_beside_a_push_off_are_told_apart():
    """The curve is as high beside a push-off as at it; the decoder knows which is which."""
    rng = np.random.default_rng(1)
    curve = rng.uniform(0.4, 0.8, 600)
    is_push_off = np.arange(600) % 3 == 0
    labels = rng.random(600) < np.where(is_push_off, 0.9, 0.05)
    p = fit_frame_calibration(curve, is_push_off, labels.astype(int)).apply(curve, is_push_off)
    assert p[is_push_off].mean() == pytest.approx(0.9, abs=0.05)
    assert p[~is_push_off].mean() == pytest.approx(0.05, abs=0.03)


@pytest.mark.parametrize("distortion", [0.3, 1.0, 4.0])
def test_held_out_frames_are_calibrated(distortion):
    """Also of an overconfident or underconfident head: on frames it was not fitted on, the expected
    calibration error is below 0.05."""
    rng = np.random.default_rng(2)
    true_logits = rng.normal(-2, 2, 3000)
    is_push_off = rng.random(3000) < 1 / (1 + np.exp(-true_logits))
    true_p = 1 / (1 + np.exp(-(true_logits + 2 * is_push_off - 1)))
    labels = (rng.random(3000) < true_p).astype(int)
    curve = 1 / (1 + np.exp(-distortion * true_logits))
    fitted = fit_frame_calibration(curve[:1500], is_push_off[:1500], labels[:1500])
    assert calibration_error(fitted.apply(curve, is_push_off)[1500:], labels[1500:]) < 0.05


def test_a_curve_that_says_the_opposite_is_flattened():
    """The slope stays above 0, and the level is that of the labels."""
    labels = np.array([1, 0] * 100)
    calibration = fit_frame_calibration(np.where(labels, 0.1, 0.9), np.zeros(200), labels)
    assert 0 < calibration.slope < 0.1
    assert calibration.apply(np.array([0.5]), np.zeros(1)) == pytest.approx(0.5, abs=0.05)


def test_it_is_stored_as_json():
    """A dataclass of floats."""
    calibration = fit([(0.9, True, 1), (0.2, False, 0)] * 9)
    assert FrameCalibration(**json.loads(json.dumps(asdict(calibration)))) == calibration
