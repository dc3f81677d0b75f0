"""Candidate and champion scored on the same held-out frames."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pushoff.learning.data.manifest import DatasetFrame, footage_of
from pushoff.learning.evaluation.metrics import paired_confidence, score
from pushoff.values import Scorecard


@dataclass(frozen=True, eq=False)
class Predictions:
    """One model's probabilities of the held-out frames."""

    probabilities: np.ndarray
    """(N,) of push_off."""
    threshold: float


@dataclass(frozen=True)
class Comparison:
    """Two models, one set of held-out frames."""

    candidate: Scorecard
    champion: Scorecard | None
    """None when there is no champion yet."""
    confidence: float | None
    """Share of paired bootstrap samples that the candidate wins; None without a champion."""


def compare(
    frames: Sequence[DatasetFrame],
    independent: bool,
    candidate: Predictions,
    champion: Predictions | None,
    seed: int,
) -> Comparison:
    """Score both on N held-out frames, which the candidate was not trained on.

    `independent` says that no other frame of the held-out videos was trained on either; without it
    the scores are optimistic. Raises TooFewLabels when nothing is held out.
    """
    candidate_card = _scorecard(frames, independent, candidate)
    if champion is None:
        return Comparison(candidate_card, None, None)
    confidence = paired_confidence(
        np.array([int(frame.label) for frame in frames]),
        [frame.split_group for frame in frames],
        candidate.probabilities,
        champion.probabilities,
        candidate.threshold,
        champion.threshold,
        seed,
    )
    return Comparison(candidate_card, _scorecard(frames, independent, champion), confidence)


def _scorecard(
    frames: Sequence[DatasetFrame], independent: bool, predictions: Predictions
) -> Scorecard:
    return score(
        predictions.probabilities,
        np.array([int(frame.label) for frame in frames]),
        [frame.video_id for frame in frames],
        footage_of(frames),
        predictions.threshold,
        independent,
        [not frame.from_suggestion for frame in frames],
    )


def registry_metrics(card: Scorecard) -> Mapping[str, float]:
    """The scorecard's scores under the names that the registry shows."""
    names = ("precision", "recall", "f1", "average_precision", "brier", "calibration_error")
    return {f"held_out_{name}": getattr(card, name) for name in names}
