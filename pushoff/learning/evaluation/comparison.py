"""Candidate and champion on the same held-out frames."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pushoff.learning.data.dataset import DatasetFrame, footage_of
from pushoff.learning.evaluation.metrics import paired_confidence, score
from pushoff.values import Scorecard


@dataclass(frozen=True, eq=False)
class Predictions:
    """What one model says of the held-out frames."""

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
    """Share of paired bootstrap draws the candidate wins; None without a champion."""


def compare(
    frames: Sequence[DatasetFrame],
    independent: bool,
    candidate: Predictions,
    champion: Predictions | None,
    seed: int,
) -> Comparison:
    """Score both on N held-out frames, which neither was fitted to.

    `independent`: no held-out session was trained on. Raises TooFewLabels when nothing is held out.
    """
    labels = np.array([int(frame.label) for frame in frames])
    cards = [
        score(
            one.probabilities,
            labels,
            [frame.video_id for frame in frames],
            footage_of(frames),
            one.threshold,
            independent,
            [not frame.from_suggestion for frame in frames],
        )
        for one in (candidate, champion)
        if one
    ]
    if champion is None:
        return Comparison(cards[0], None, None)
    confidence = paired_confidence(
        labels,
        [frame.group for frame in frames],
        candidate.probabilities,
        champion.probabilities,
        candidate.threshold,
        champion.threshold,
        seed,
    )
    return Comparison(cards[0], cards[1], confidence)


def registry_metrics(card: Scorecard) -> Mapping[str, float]:
    """The scorecard's numbers under the names the registry shows."""
    names = ("precision", "recall", "f1", "average_precision", "brier", "calibration_error")
    return {f"held_out_{name}": getattr(card, name) for name in names}
