import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pushoff.errors import TooFewLabels
from pushoff.learning.evaluation.metrics import (
    average_precision,
    best_threshold,
    confusion,
    f1_score,
    score,
)
from tests.unit.learning.evaluation.evaluation_samples import held_out, pictures, steps

frames = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 1)), min_size=1, max_size=60)


def test_known_numbers():
    """Precision, recall, F1, average precision and Brier score of an example."""
    card = score(pictures([1, 0, 1, 0], [0.9, 0.8, 0.3, 0.6], groups=("b", "a", "a", "a")))
    assert card.confusion == (0, 2, 1, 1)
    assert (card.precision, card.recall, card.f1) == (1 / 3, 1 / 2, 0.4)
    assert card.average_precision == pytest.approx(0.5 * 1 + 0.5 * 0.5)
    assert card.brier == pytest.approx((0.01 + 0.64 + 0.49 + 0.36) / 4)
    assert card.groups == ("a", "b") and card.frames == 4 and card.push_offs == 2
    assert card.f1_within_1 == card.f1  # a picture alone has no neighbours


def test_push_offs_are_counted_as_events():
    """A run of push_off frames is one push-off; found one frame early it counts within one frame,
    but not at the exact frame."""
    labels = {"v": {8: 0, 9: 0, 10: 1, 11: 1, 12: 1, 13: 0}, "w": {9: 0, 10: 1, 11: 0}}
    card = score(held_out(labels, {"v": [12], "w": [9]}))
    assert (2, 1.0) == (card.push_offs, card.f1_within_1)
    assert (4, 1, 3, 1) == card.confusion and card.f1 == pytest.approx(2 / 6)


def test_the_picture_head_is_scored_on_the_same_frames():
    """Beside the model's own scores, and None where there is no picture head."""
    frames = steps(3, 3)
    assert score(frames).picture_average_precision is None
    worse = dataclasses.replace(frames, picture_probabilities=1 - frames.probabilities)
    card = score(worse)
    assert 1.0 == card.average_precision > card.picture_average_precision
    assert card.picture_calibration_error > card.calibration_error


def test_a_division_by_time_is_not_independent():
    """Many push-offs prove nothing where the model was also trained on the videos."""
    assert score(steps(25, 25)).proven
    card = score(steps(25, 25, split_by="time"))
    assert not card.independent and not card.proven
    assert not score(steps(19, 19)).proven


def test_few_push_offs_claim_little():
    """F1 1.0 on five push-offs of two athletes claims less than on 30 of six."""
    few = score(held_out({v: {1: 0, 9: 1} for v in "ab"}, {v: [9] for v in "ab"}))
    labels = {v: {20 * i + j: int(j == 1) for i in range(5) for j in range(3)} for v in "abcdef"}
    many = score(held_out(labels, {v: [20 * i + 1 for i in range(5)] for v in labels}))
    assert 1.0 == few.f1_within_1 == many.f1_within_1
    assert few.f1_interval.low < 0.5 < many.f1_interval.low


def test_labels_given_without_a_suggestion_are_scored_alone():
    """A model that agrees only with accepted suggestions has a low unaided F1."""
    y = np.array([0, 1] * 12)
    accepted = np.arange(24) < 12
    p = np.where(accepted, y, 1 - y).astype(float)
    card = score(pictures(y, p, unaided=~accepted))
    assert (12, 0.0, 0.5) == (card.unaided_frames, card.unaided_f1, card.f1)
    few = score(pictures(y, p, unaided=np.arange(24) < 8))
    assert (8, None) == (few.unaided_frames, few.unaided_f1)


@settings(deadline=None)
@given(frames)
def test_scorecard_invariants(rows):
    """Counts add up, every score lies in 0..1, and the order of frames does not matter."""
    p, y = np.array([r[0] for r in rows]), np.array([r[1] for r in rows])
    card = score(pictures(y, p))
    tn, fp, fn, tp = card.confusion
    assert tn + fp + fn + tp == card.frames == len(p) and tp + fn == card.push_offs == y.sum()
    for value in (card.precision, card.recall, card.f1, card.average_precision, card.brier,
                  card.calibration_error, card.f1_within_1):  # fmt: skip
        assert 0 <= value <= 1 + 1e-12
    order = np.random.default_rng(0).permutation(len(p))
    other = score(pictures(y[order], p[order]))
    assert other.confusion == card.confusion and other.f1_within_1 == card.f1_within_1
    assert other.average_precision == pytest.approx(card.average_precision)


def test_ties_have_the_precision_of_guessing():
    """A model with one probability for all frames has the average precision of guessing."""
    assert average_precision(np.full(10, 0.5), np.array([1] * 3 + [0] * 7)) == pytest.approx(0.3)


@given(frames)
def test_best_threshold_is_best(rows):
    """No other threshold has a better F1 on the same frames, within 0.02 to 0.98."""
    p = np.clip(np.array([r[0] for r in rows]), 0.05, 0.95)
    y = np.array([r[1] for r in rows])
    if not 0 < y.sum() < len(y):
        assert best_threshold(p, y) == 0.5
        return
    _, fp, fn, tp = confusion(p, y, best_threshold(p, y))
    for other in np.r_[np.unique(p), 0.99]:
        _, fp2, fn2, tp2 = confusion(p, y, other)
        assert f1_score(tp, fp, fn) >= f1_score(tp2, fp2, fn2) - 1e-9


def test_nothing_held_out_is_refused():
    """No score is made up."""
    with pytest.raises(TooFewLabels):
        score(pictures([], []))
