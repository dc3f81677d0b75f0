"""The scores of answers that do not look."""

import numpy as np
import pytest

from pushoff.learning.evaluation.baseline import (
    baseline_average_precision,
    baseline_f1,
    baseline_f1_within_1,
    beats_baseline,
)
from pushoff.learning.evaluation.metrics import score
from tests.unit.learning.evaluation.evaluation_samples import held_out, pictures, scorecard, steps

NINTH = {"frames": 270, "confusion": (240, 0, 30, 0), "push_offs": 30}


def test_of_frames():
    """Always push_off has recall 1 and the share as precision; an order at random the share."""
    card = scorecard(**NINTH)
    assert baseline_average_precision(card) == pytest.approx(1 / 9)
    assert baseline_f1(card) == pytest.approx(2 / 10)


@pytest.mark.parametrize("width", [3, 5, 9, 25])
def test_guessing_within_one_frame_does_not_beat_it(width):
    """Simulated with every rate of guessing; the best one comes close."""
    rng = np.random.default_rng(1)
    labels = {"v": {40 * i + j: int(j == 1) for i in range(150) for j in range(width)}}
    guesses = [
        score(held_out(labels, {"v": [f for f in labels["v"] if rng.random() < rate]}))
        for rate in (0.1, 0.2, 0.35, 0.5, 0.8, 1.0)
    ]
    baseline = baseline_f1_within_1(guesses[0])
    assert baseline - 0.1 < max(card.f1_within_1 for card in guesses) < baseline + 0.03


def test_more_than_guessing():
    """Average precision above the share, and F1 above guessing of either kind."""
    card = scorecard(**NINTH, average_precision=0.2, f1=0.21, f1_within_1=0.0)
    assert beats_baseline(card)
    assert beats_baseline(scorecard(**NINTH, average_precision=0.2, f1=0.19, f1_within_1=0.9))
    assert not beats_baseline(scorecard(**NINTH, average_precision=0.2, f1=0.19, f1_within_1=0.2))
    assert not beats_baseline(scorecard(**NINTH, average_precision=0.1, f1=0.9, f1_within_1=0.9))


def test_a_good_model_does_and_a_blind_one_does_not():
    """On videos and on pictures of no video."""
    assert beats_baseline(score(steps(20, 15)))
    assert not beats_baseline(score(steps(20, 0)))
    labels = [0, 0, 0, 1] * 8
    assert beats_baseline(score(pictures(labels, np.where(labels, 0.8, 0.1))))
    assert not beats_baseline(score(pictures(labels, np.full(32, 0.7))))


def test_one_class_has_no_better_answer():
    """Only push_offs: always push_off is perfect. None at all: nothing to find."""
    assert 1.0 == baseline_f1(scorecard(frames=9, confusion=(0, 0, 3, 6)))
    assert 0.0 == baseline_f1_within_1(scorecard(push_offs=0, confusion=(9, 0, 0, 0)))
