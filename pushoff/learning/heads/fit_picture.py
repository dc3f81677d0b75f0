"""Fits a picture head: a logistic regression on stored features, within a second or two."""

from dataclasses import dataclass

import numpy as np

from pushoff.learning.evaluation.calibration import logit, sigmoid
from pushoff.learning.evaluation.frame_calibration import fit_frame_calibration
from pushoff.learning.evaluation.metrics import average_precision
from pushoff.learning.heads.logistic_head import fit_logistic_head
from pushoff.learning.heads.training_data import LabelledRows
from pushoff.learning.model.picture_head import PictureHead

STRENGTHS = (0.003, 0.03, 0.3)
"""Inverse penalties that are tried (scikit-learn's C, for features of unit variance); held-out
pictures choose, the strictest where they tie."""
_SHARES = (0.01, 0.99)
"""Range of the share of push_offs among all pictures."""


@dataclass(frozen=True, eq=False)
class FittedPictureHead:
    """A picture head, and what it says of the pictures it was fitted on while each was held out."""

    head: PictureHead
    held_out: np.ndarray
    """(N,) probabilities; NaN where a picture was never held out."""


def fit_picture_head(
    features: np.ndarray, rows: LabelledRows, folds: list[int]
) -> FittedPictureHead:
    """Fit (N, FEATURES) features to their labels, and predict each of `folds` while held out.

    Not calibrated: to this head both classes are equally frequent. Of a frame without an athlete,
    whose features are zeros, nothing is learnt and nothing predicted. The same input gives the same
    head. Raises TooFewLabels unless both classes are there.
    """
    x = np.asarray(features, np.float32)
    shows_athlete = x.any(axis=1)
    held_out = {strength: np.full(len(rows), np.nan) for strength in STRENGTHS}
    for fold in folds:
        training = (rows.folds != fold) & (rows.folds >= 0) & shows_athlete
        judged = (rows.folds == fold) & shows_athlete
        if not judged.any() or len(np.unique(rows.labels[training])) < 2:
            continue
        for strength in STRENGTHS:
            head = _fit(x[training], rows.labels[training], rows.weights[training], strength)
            held_out[strength][judged] = head.probabilities(x[judged])
    precisions = {
        strength: average_precision(p[known], rows.labels[known])
        for strength, p in held_out.items()
        if (known := np.isfinite(p)).any()
    }
    best = max(
        precisions, key=lambda strength: precisions[strength] - 1e-9 * strength, default=0.03
    )
    used = shows_athlete
    return FittedPictureHead(
        _fit(x[used], rows.labels[used], rows.weights[used], best), held_out[best]
    )


def calibrate_picture_head(
    fitted: FittedPictureHead, labels: np.ndarray, counts: np.ndarray
) -> FittedPictureHead:
    """The head with honest probabilities.

    `labels` (N,) of the pictures it was fitted on; `counts` (N,) says how many pictures each stands
    for. First the share of push_offs becomes theirs instead of one half (Saerens et al. 2002), then
    a logistic curve is fitted to what was held out.
    """
    share = float(np.clip(np.average(labels, weights=counts), *_SHARES))
    prior = float(logit(np.array(share)))
    known = np.isfinite(fitted.held_out)
    p, y, weights = (values[known] for values in (fitted.held_out, labels, counts))
    z = logit(p) + prior
    curve = fit_frame_calibration(sigmoid(z), np.zeros(len(z), bool), y, weights)
    held_out = fitted.held_out.copy()
    held_out[known] = sigmoid(curve.slope * z + curve.intercept)
    head = fitted.head.rescaled(curve.slope, curve.slope * prior + curve.intercept)
    return FittedPictureHead(head, held_out)


def _fit(x: np.ndarray, y: np.ndarray, weights: np.ndarray, strength: float) -> PictureHead:
    """Raises TooFewLabels unless both classes are there."""
    head = fit_logistic_head(x, y, weights, strength)
    return PictureHead(head.weight.astype(np.float32), head.bias)
