"""Candidate and champion scored on the frames that both held out."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from pushoff.learning.evaluation.bootstrap import (
    resample,
    resampled_average_precision,
    resampled_f1,
)
from pushoff.learning.evaluation.held_out import HeldOutFrames
from pushoff.learning.evaluation.metrics import score
from pushoff.learning.evaluation.push_off_blocks import count_found, push_off_blocks
from pushoff.values import Scorecard


@dataclass(frozen=True)
class Comparison:
    """Two models, one set of held-out frames."""

    candidate: Scorecard
    champion: Scorecard
    average_precision_wins: float
    """Share of paired bootstrap samples in which the candidate's average precision is higher; a tie
    counts half, so 0.5 for equal models."""
    f1_wins: float
    """The same for F1 within one frame."""


def compare(candidate: HeldOutFrames, champion: HeldOutFrames, seed: int = 1) -> Comparison | None:
    """Score both on the frames that both held out; None where there is no such frame.

    Both are scored on the same samples of groups, and of push-offs within each; the groups are the
    candidate's. Raises ValueError when a frame has two labels.
    """
    shared = set(candidate.ids) & set(champion.ids)
    if not shared:
        return None
    candidate, champion = candidate.restricted_to(shared), champion.restricted_to(shared)
    if not np.array_equal(candidate.labels, champion.labels):
        raise ValueError("candidate and champion were not scored with the same labels")
    blocks = push_off_blocks(candidate)
    weights = resample(blocks.groups, seed)
    precisions = [
        resampled_average_precision(model.probabilities, model.labels, blocks.of_frame, weights)
        for model in (candidate, champion)
    ]
    f1s = [resampled_f1(count_found(model, blocks), weights) for model in (candidate, champion)]
    return Comparison(
        score(candidate, seed),
        score(champion, seed),
        average_precision_wins=_share_won(*precisions),
        f1_wins=_share_won(*f1s),
    )


def _share_won(candidate: np.ndarray, champion: np.ndarray) -> float:
    """Share of samples with the higher score; a tie, or no score at all, counts half."""
    difference = np.nan_to_num(candidate - champion)
    difference[np.abs(difference) < 1e-12] = 0
    return float(np.mean((np.sign(difference) + 1) / 2))


def registry_metrics(card: Scorecard) -> Mapping[str, float]:
    """The scorecard's scores under the names that the registry shows."""
    names = (
        "precision",
        "recall",
        "f1",
        "f1_within_1",
        "average_precision",
        "brier",
        "calibration_error",
    )
    return {f"held_out_{name}": getattr(card, name) for name in names}
