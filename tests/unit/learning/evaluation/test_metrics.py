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
    paired_confidence,
    score,
)

frames = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 1)), min_size=1, max_size=60)


def test_known_numbers():
    """Precision, recall, F1, average precision and Brier score of an example."""
    card = score(np.array([0.9, 0.8, 0.3, 0.6]), np.array([1, 0, 1, 0]), ["a", "a", "b", "b"],
                 "real", 0.5)  # fmt: skip
    assert card.confusion == (0, 2, 1, 1)
    assert (card.precision, card.recall, card.f1) == (1 / 3, 1 / 2, 0.4)
    assert card.average_precision == pytest.approx(0.5 * 1 + 0.5 * 0.5)
    assert card.brier == pytest.approx((0.01 + 0.64 + 0.49 + 0.36) / 4)
    assert card.sessions == ("a", "b") and card.frames == 4 and card.push_offs == 2


def test_labels_given_without_a_suggestion_are_scored_alone():
    """A model that agrees only with accepted suggestions has a low unaided F1."""
    y = np.array([0, 1] * 12)
    accepted = np.arange(24) < 12
    p = np.where(accepted, y, 1 - y).astype(float)
    card = score(p, y, ["s"] * 24, "real", 0.5, unaided=~accepted)
    assert (12, 0.0, 0.5) == (card.unaided_frames, card.unaided_f1, card.f1)
    few = score(p, y, ["s"] * 24, "real", 0.5, unaided=np.arange(24) < 8)
    assert (8, None) == (few.unaided_frames, few.unaided_f1)


@given(frames, st.floats(0.01, 0.99))
def test_scorecard_invariants(rows, threshold):
    """Counts add up, every score lies in 0..1, and the order of frames does not matter."""
    p, y = np.array([r[0] for r in rows]), np.array([r[1] for r in rows])
    card = score(p, y, ["s"] * len(p), "real", threshold)
    tn, fp, fn, tp = card.confusion
    assert tn + fp + fn + tp == card.frames == len(p) and tp + fn == card.push_offs == y.sum()
    for value in (card.precision, card.recall, card.f1, card.average_precision, card.brier,
                  card.calibration_error):  # fmt: skip
        assert 0 <= value <= 1 + 1e-12
    order = np.random.default_rng(0).permutation(len(p))
    other = score(p[order], y[order], ["s"] * len(p), "real", threshold)
    assert other.confusion == card.confusion
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


def test_confidence_of_equal_and_of_better():
    """Equal models come out at one half, a clearly better one near 1, a worse one near 0."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 120)
    groups = [f"s{i % 4}" for i in range(120)]
    good, bad = np.where(y == 1, 0.9, 0.1), rng.random(120)
    assert paired_confidence(y, groups, bad, bad, 0.5, 0.5, draws=100) == 0.5
    assert paired_confidence(y, groups, good, bad, 0.5, 0.5, draws=100) > 0.99
    assert paired_confidence(y, groups, bad, good, 0.5, 0.5, draws=100) < 0.01


@settings(max_examples=20)
@given(frames, st.integers(0, 5))
def test_confidence_is_antisymmetric(rows, seed):
    """Exchanging candidate and champion exchanges their shares of wins."""
    p, y = np.array([r[0] for r in rows]), np.array([r[1] for r in rows])
    q, groups = p[::-1].copy(), [f"s{i % 3}" for i in range(len(p))]
    one = paired_confidence(y, groups, p, q, 0.5, 0.4, seed, draws=40)
    other = paired_confidence(y, groups, q, p, 0.4, 0.5, seed, draws=40)
    assert one + other == pytest.approx(1.0)


def test_bad_numbers_are_refused():
    """NaN, probabilities above 1 and unequal lengths are errors, no frame at all is NotEnough."""
    for p in ([np.nan], [1.5], [0.1, 0.2]):
        with pytest.raises(ValueError):
            score(np.array(p), np.array([1]), ["s"], "real", 0.5)
    with pytest.raises(TooFewLabels):
        score(np.array([]), np.array([]), [], "real", 0.5)
