"""Candidate and champion on the same held-out frames."""

import numpy as np
import pytest

from pushoff.errors import TooFewLabels
from pushoff.learning.evaluation.comparison import Predictions, compare, registry_metrics
from pushoff.values import Split
from tests.unit.learning.learning_samples import dataset_of

FRAMES = dataset_of(20, Split.TEST)
LABELS = np.array([frame.label for frame in FRAMES], float)
RIGHT, WRONG = Predictions(LABELS, 0.5), Predictions(1 - LABELS, 0.5)


def test_the_better_model_wins_every_bootstrap_sample():
    """Both are scored on the same frames; the confidence is the share of samples won."""
    comparison = compare(FRAMES, True, RIGHT, WRONG, seed=1)
    assert (comparison.candidate.f1, comparison.champion.f1) == (1.0, 0.0)
    assert comparison.confidence == 1.0
    assert compare(FRAMES, True, WRONG, RIGHT, seed=1).confidence == 0.0
    assert comparison.candidate.footage == "synthetic" and comparison.candidate.independent


def test_without_a_champion_the_candidate_is_scored_alone():
    """There is no confidence without a second model."""
    comparison = compare(FRAMES, False, RIGHT, None, seed=1)
    assert comparison.champion is None and comparison.confidence is None
    assert not comparison.candidate.independent


def test_nothing_held_out_is_refused():
    """No score is made up."""
    with pytest.raises(TooFewLabels):
        compare([], True, Predictions(np.zeros(0), 0.5), None, seed=1)


def test_registry_metrics_are_the_scorecards():
    """Each score under its name in the registry."""
    card = compare(FRAMES, True, RIGHT, None, seed=1).candidate
    metrics = registry_metrics(card)
    assert metrics["held_out_f1"] == card.f1 and metrics["held_out_brier"] == card.brier
    assert all(name.startswith("held_out_") for name in metrics)
