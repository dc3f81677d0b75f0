"""Labels that are probably wrong: models trained without the athlete contradict them every time.

Confident learning (Northcutt, Jiang, Chuang 2021, "Confident Learning: Estimating Uncertainty in
Dataset Labels"): a label is suspected when the out-of-fold probability of the other class reaches
the mean probability of that class among its own labels. Folds keep athletes together, and a label
is reported only if it is suspected in every repetition with different folds. (cleanlab implements
confident learning too; from version 2 on its licence is AGPL-3.)
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pushoff.errors import TooFewLabels
from pushoff.learning.heads.logistic_head import fit_logistic_head
from pushoff.values import Label

FOLDS = 5
REPETITIONS = 5
"""Suspicions by chance rarely repeat five times: on the high-jump crops this raised the share of
planted errors among the suspects from 0.32 to 0.39 (5 % planted; `make bench-labels`)."""


@dataclass(frozen=True)
class SuspectedLabel:
    """One label that is probably wrong."""

    row: int
    """Its row in the given arrays."""
    label: Label
    """As the annotator gave it."""
    probability: float
    """Of the other class: out of fold, mean over the repetitions."""

    @property
    def other(self) -> Label:
        """The class the models predict."""
        return Label(1 - self.label)

    @property
    def reason(self) -> str:
        """For the reviewer."""
        return (
            f"Labelled {self.label.choice}, but {REPETITIONS} models trained without this video "
            f"predict {self.other.choice} ({self.probability:.0%})."
        )


def suspected_errors(
    features: np.ndarray,
    labels: np.ndarray,
    groups: Sequence[str],
    video_ids: Sequence[str],
    seed: int = 1,
) -> tuple[SuspectedLabel, ...]:
    """The suspected labels among (N, D) features with (N,) labels, most suspicious first.

    `groups` (N,) are athletes; where there is only one, folds are divided by `video_ids` instead.
    Raises TooFewLabels with one class or one video only.
    """
    y = np.asarray(labels, int)
    units = groups if len(set(groups)) > 1 else video_ids
    p = out_of_fold(features, y, units, seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a frame no fold could predict stays NaN
        mean = np.nanmean(p, axis=0)
    contradicted = np.array([_confident_disagreement(row, y) | np.isnan(row) for row in p]).all(
        axis=0
    )
    rows = np.flatnonzero(contradicted & np.isfinite(mean))
    other = np.where(y == 1, 1 - mean, mean)
    return tuple(
        SuspectedLabel(int(row), Label(int(y[row])), float(other[row]))
        for row in rows[np.argsort(-other[rows], kind="stable")]
    )


def out_of_fold(
    features: np.ndarray, labels: np.ndarray, units: Sequence[str], seed: int
) -> np.ndarray:
    """(REPETITIONS, N) probabilities of push_off by heads fitted without the frame's unit.

    NaN where the other folds had one class only. Raises TooFewLabels.
    """
    from sklearn.model_selection import StratifiedGroupKFold

    folds = min(FOLDS, len(set(units)))
    if folds < 2 or len(np.unique(labels)) < 2:
        raise TooFewLabels(
            f"{len(labels)} labels of {len(set(units))} video(s) and "
            f"{len(np.unique(labels))} class(es): label errors need at least two of each."
        )
    p = np.full((REPETITIONS, len(labels)), np.nan)
    for repetition in range(REPETITIONS):
        split = StratifiedGroupKFold(folds, shuffle=True, random_state=seed * 1000 + repetition)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # a class with fewer frames than folds
            parts = list(split.split(features, labels, units))
        for train, test in parts:
            if len(np.unique(labels[train])) == 2:
                head = fit_logistic_head(features[train], labels[train])
                p[repetition, test] = head.probabilities(features[test])
    return p


def _confident_disagreement(p: np.ndarray, y: np.ndarray) -> np.ndarray:
    """(N,) bool: the other class is at least as probable as on average among its own labels."""
    known = np.isfinite(p)
    if len(np.unique(y[known])) < 2:
        return np.zeros(len(y), bool)
    mean_push_off = p[known & (y == 1)].mean()
    mean_not_push_off = (1 - p[known & (y == 0)]).mean()
    return np.where(y == 1, 1 - p >= mean_not_push_off, p >= mean_push_off)
