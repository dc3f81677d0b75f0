"""Labels that are probably wrong: models that never saw the athlete contradict them, every time.

Confident learning (Northcutt, Jiang, Chuang 2021, "Confident Learning: Estimating Uncertainty in
Dataset Labels"): a label is suspected when the out-of-fold probability of the other class reaches
the mean that class has among its own labels. Here folds keep athletes together, and the suspicion
must return in every repetition with other folds.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pushoff.errors import TooFewLabels
from pushoff.learning.frame.logistic_head import fit_frame_head
from pushoff.values import Label

FOLDS = 5
REPETITIONS = 5
"""A label that looks wrong by chance rarely does so five times: on the high-jump crops this
raised the share of planted errors among the suspects from 0.32 to 0.39 (5 % planted)."""


@dataclass(frozen=True)
class SuspectedLabel:
    """One label that is probably wrong."""

    row: int
    """Of the arrays given."""
    label: Label
    """As people gave it."""
    probability: float
    """Of the other class, out of fold, mean of the repetitions."""

    @property
    def other(self) -> Label:
        """What the models say."""
        return Label(1 - self.label)

    @property
    def reason(self) -> str:
        """For the person who looks again."""
        return (
            f"Labelled {self.label.choice}, but {REPETITIONS} models that never saw this video "
            f"say {self.other.choice} ({self.probability:.0%})."
        )


def suspected_errors(
    features: np.ndarray,
    labels: np.ndarray,
    groups: Sequence[str],
    sessions: Sequence[str],
    seed: int = 1,
) -> tuple[SuspectedLabel, ...]:
    """The suspected labels among (N, D) features with (N,) labels, most suspicious first.

    `groups` (N,) are athletes; where there is only one, `sessions` are kept together instead.
    Raises TooFewLabels with one class or one session only.
    """
    y = np.asarray(labels, int)
    together = groups if len(set(groups)) > 1 else sessions
    p = out_of_fold(features, y, together, seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a frame no fold could judge stays NaN
        mean = np.nanmean(p, axis=0)
    contradicted = np.array([_contradicted(one, y) | np.isnan(one) for one in p]).all(axis=0)
    rows = np.flatnonzero(contradicted & np.isfinite(mean))
    other = np.where(y == 1, 1 - mean, mean)
    return tuple(
        SuspectedLabel(int(row), Label(int(y[row])), float(other[row]))
        for row in rows[np.argsort(-other[rows], kind="stable")]
    )


def out_of_fold(
    features: np.ndarray, labels: np.ndarray, together: Sequence[str], seed: int
) -> np.ndarray:
    """(REPETITIONS, N) probabilities of push_off by heads that saw nothing of the frame's group.

    NaN where the other folds had one class only. Raises TooFewLabels.
    """
    from sklearn.model_selection import StratifiedGroupKFold

    folds = min(FOLDS, len(set(together)))
    if folds < 2 or len(np.unique(labels)) < 2:
        raise TooFewLabels(
            f"{len(labels)} labels of {len(set(together))} session(s) and "
            f"{len(np.unique(labels))} class(es): two of each are needed to check one by the other."
        )
    p = np.full((REPETITIONS, len(labels)), np.nan)
    for repetition in range(REPETITIONS):
        split = StratifiedGroupKFold(folds, shuffle=True, random_state=seed * 1000 + repetition)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # a class with fewer frames than folds
            parts = list(split.split(features, labels, together))
        for fit, judge in parts:
            if len(np.unique(labels[fit])) == 2:
                head = fit_frame_head(features[fit], labels[fit])
                p[repetition, judge] = head.probabilities(features[judge])
    return p


def _contradicted(p: np.ndarray, y: np.ndarray) -> np.ndarray:
    """(N,) bool: the other class is as probable as it is on average among its own labels."""
    known = np.isfinite(p)
    if len(np.unique(y[known])) < 2:
        return np.zeros(len(y), bool)
    usual_push_off = p[known & (y == 1)].mean()
    usual_other = (1 - p[known & (y == 0)]).mean()
    return np.where(y == 1, 1 - p >= usual_other, p >= usual_push_off)
