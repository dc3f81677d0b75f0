import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pushoff.active.label_quality.bootstrap import Estimate
from pushoff.active.label_quality.learning_curve import (
    LabelledFeatures,
    LearningCurve,
    measure_curve,
)
from pushoff.active.label_quality.stopping import expected_gain, extrapolate, stop_hint
from pushoff.errors import TooFewLabels


def part(count, seed, athletes, apart=2.5):
    """Frames of a few athletes, of two classes that overlap, in 24 features."""
    rng = np.random.default_rng(seed)
    labels = (rng.random(count) < 0.35).astype(int)
    direction = np.ones(24) / 24**0.5
    features = rng.normal(size=(count, 24)) + apart * labels[:, None] * direction
    return LabelledFeatures(features, labels, tuple(f"{athletes}{row % 6}" for row in range(count)))


def curve_of(f1, first=20):
    """A curve through these F1, with draws that wobble a little about it."""
    sizes = tuple(round(first * 2 ** (place / 2)) for place in range(len(f1)))
    wobble = np.random.default_rng(1).normal(0, 0.004, (200, len(f1)))
    return LearningCurve(
        sizes, tuple(Estimate(one, one - 0.02, one + 0.02) for one in f1), np.array(f1) + wobble
    )


def test_more_labels_help_and_the_gain_is_predicted():
    """The gain expected from another hundred labels is the one that two hundred more bring, per
    hundred, within the interval, and it shrinks as labels grow."""
    choose, held_out = part(300, 11, "v"), part(600, 12, "t")
    everything = part(1600, 13, "a")

    def curve(count):
        rows = slice(0, count)
        fit = LabelledFeatures(
            everything.features[rows], everything.labels[rows], everything.video_ids[rows]
        )
        return measure_curve(fit, choose, held_out)

    few, more = curve(120), curve(1200)
    assert few.labels[0] >= 20 and few.labels[-1] == 120
    assert more.f1[-1].value > more.f1[0].value
    early, late = expected_gain(few), expected_gain(more)
    assert early.value > late.value >= 0
    real = curve(220).f1[-1].value - few.f1[-1].value
    assert early.low - 0.02 <= real <= early.high + 0.02


@settings(max_examples=30)
@given(st.floats(0.5, 0.95), st.floats(0.1, 0.5), st.floats(0.2, 1.5), st.integers(5, 10))
def test_a_power_law_is_continued_exactly(top, fall, power, points):
    """A curve that is an inverse power law goes on as that one."""
    sizes = np.array([20 * 2 ** (place / 2) for place in range(points)])
    at = np.array([sizes[-1] + 100])
    f1 = top - fall * (sizes / 20) ** -power
    [[found]] = extrapolate(sizes, f1[None], at)
    assert found == pytest.approx(top - fall * (at[0] / 20) ** -power, abs=5e-3)


@settings(max_examples=50)
@given(st.lists(st.floats(0, 1), min_size=4, max_size=10))
def test_no_curve_is_expected_to_fall_or_to_pass_one(f1):
    """Whatever was measured, more labels are never expected to harm, and F1 stays at 1 at most."""
    sizes = np.array([20.0 * 2 ** (place / 2) for place in range(len(f1))])
    [[now, later]] = extrapolate(sizes, np.array([f1]), np.array([sizes[-1], sizes[-1] + 100]))
    assert now - 1e-9 <= later <= 1 + 1e-9


def test_a_flat_curve_says_stop_and_a_steep_one_go_on():
    """The reason has the gain, its interval and what a promotion asks for."""
    stop = stop_hint(curve_of([0.6, 0.75, 0.79, 0.8, 0.8, 0.801, 0.801]), 0.005)
    assert stop.stop is True
    assert stop.reason.startswith("Another 100 labels are expected to raise F1 by 0.00")
    assert (
        "less than the 0.005 needed for promotion. Stop labelling, or record other athletes."
        in stop.reason
    )
    go_on = stop_hint(curve_of([0.3, 0.4, 0.5, 0.58, 0.65]), 0.005)
    assert go_on.stop is False and go_on.reason.endswith("Continue labelling.")


def test_too_little_says_so():
    """Without a curve there is no hint, and the reason is the one there is no curve for."""
    with pytest.raises(TooFewLabels, match="30 training labels") as told:
        measure_curve(part(30, 1, "a"), part(30, 2, "v"), part(60, 3, "t"))
    hint = stop_hint(None, 0.005, str(told.value))
    assert hint.stop is None and hint.reason.startswith("Too early to tell: 30 training labels")
    few_held_out = part(60, 3, "t")
    few_held_out.labels[5:] = 0
    with pytest.raises(TooFewLabels, match="held-out labels of the rarer class"):
        measure_curve(part(120, 1, "a"), part(60, 2, "v"), few_held_out)
