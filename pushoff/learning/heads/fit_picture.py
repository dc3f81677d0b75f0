"""Fits a picture head: a logistic regression on stored features, within a second or two."""

from dataclasses import dataclass, replace

import numpy as np

from pushoff.learning.evaluation.calibration import (
    apply_temperature,
    fit_temperature,
    shrunk_threshold,
    sigmoid,
)
from pushoff.learning.evaluation.metrics import average_precision
from pushoff.learning.heads.logistic_head import fit_logistic_head
from pushoff.learning.heads.training_data import LabelledRows
from pushoff.learning.model.picture_head import PictureHead

STRENGTHS = (0.003, 0.03, 0.3)
"""Inverse penalties that are tried (scikit-learn's C, for features of unit variance); held-out
pictures choose, the strictest where they tie."""
MIN_PRECISION = 0.6
"""A picture alone is called push_off only where that was right this often on held-out pictures."""
_MIN_JUDGED_PUSH_OFFS = 10
"""Held-out push-offs from which the precision is a reason to raise the threshold."""


@dataclass(frozen=True, eq=False)
class FittedPictureHead:
    """A picture head, and what it says of the pictures it was fitted on while each was held out."""

    head: PictureHead
    held_out: np.ndarray
    """(N,) calibrated probabilities; NaN where a picture was never held out."""


def fit_picture_head(
    features: np.ndarray, rows: LabelledRows, folds: list[int]
) -> FittedPictureHead:
    """Fit (N, FEATURES) features to their labels; calibrate on each of `folds` while held out.

    The same input gives the same head. Raises TooFewLabels unless both classes are there.
    """
    x = np.asarray(features, np.float32)
    held_out = {strength: np.full(len(rows), np.nan) for strength in STRENGTHS}
    for fold in folds:
        training, judged = rows.folds != fold, rows.folds == fold
        training &= rows.folds >= 0
        if not judged.any() or len(np.unique(rows.labels[training])) < 2:
            continue
        for strength in STRENGTHS:
            head = _fit(x[training], rows.labels[training], rows.weights[training], strength)
            held_out[strength][judged] = sigmoid(head.logits(x[judged]))
    precisions = {
        strength: average_precision(p[known], rows.labels[known])
        for strength, p in held_out.items()
        if (known := np.isfinite(p)).any()
    }
    best = max(
        precisions, key=lambda strength: precisions[strength] - 1e-9 * strength, default=0.03
    )
    head = _fit(x, rows.labels, rows.weights, best)
    p = held_out[best]
    known = np.isfinite(p)
    if not known.any():
        return FittedPictureHead(head, p)
    temperature = fit_temperature(p[known], rows.labels[known])
    p[known] = apply_temperature(p[known], temperature)
    threshold = _threshold(p[known], rows.labels[known])
    return FittedPictureHead(replace(head, temperature=temperature, threshold=threshold), p)


def _threshold(p: np.ndarray, y: np.ndarray) -> float:
    """The one with the best F1 at which push_off is right often enough."""
    threshold = shrunk_threshold(p, y)
    if y.sum() < _MIN_JUDGED_PUSH_OFFS:
        return threshold
    for higher in sorted({threshold, *p[p > threshold].tolist()}):
        suggested = p >= higher
        if suggested.any() and y[suggested].mean() >= MIN_PRECISION:
            return float(np.clip(higher, 0.02, 0.98))
    return 0.98


def _fit(x: np.ndarray, y: np.ndarray, weights: np.ndarray, strength: float) -> PictureHead:
    """Raises TooFewLabels unless both classes are there."""
    head = fit_logistic_head(x, y, weights, strength)
    return PictureHead(head.weight.astype(np.float32), head.bias)
