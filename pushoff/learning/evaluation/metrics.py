"""Held-out scores of a model. scikit-learn computes what it has; it is imported on first use.

Door: scikit-learn.
"""

import numpy as np

from pushoff.errors import TooFewLabels
from pushoff.learning.evaluation.bootstrap import (
    resample,
    resampled_average_precision,
    resampled_f1,
)
from pushoff.learning.evaluation.held_out import HeldOutFrames
from pushoff.learning.evaluation.intervals import score_interval
from pushoff.learning.evaluation.push_off_blocks import count_found, push_off_blocks
from pushoff.values import Scorecard

MIN_UNAIDED = 5
"""Held-out labels of each class, given without a suggestion, from which their F1 is reported."""
BINS = 10
"""Equal-width probability bins of the calibration error and the reliability diagram."""
_THRESHOLDS = (0.02, 0.98)
"""Range of `best_threshold`."""


def score(frames: HeldOutFrames, seed: int = 1) -> Scorecard:
    """The scorecard of held-out frames. `seed` is that of the bootstrap behind its intervals.

    Raises TooFewLabels when there is no frame.
    """
    from sklearn.metrics import brier_score_loss, precision_recall_fscore_support

    p, y, pictures = frames.probabilities, frames.labels, frames.picture_probabilities
    if not len(y):
        raise TooFewLabels("There is no held-out frame to score on", code="nothing_held_out")
    precision, recall, f1, _ = precision_recall_fscore_support(
        y, frames.suggested, average="binary", zero_division=0
    )
    alone = frames.unaided
    _, unaided_fp, unaided_fn, unaided_tp = confusion(frames.suggested[alone], y[alone])
    has_enough_unaided = min(y[alone].sum(), (1 - y[alone]).sum()) >= MIN_UNAIDED
    blocks = push_off_blocks(frames)
    counts = count_found(frames, blocks)
    weights = resample(blocks.groups, seed)
    f1_within_1 = f1_score(*counts.sum(axis=0).tolist())
    ap = average_precision(p, y)
    f1_error = _standard_error(resampled_f1(counts, weights))
    ap_error = _standard_error(resampled_average_precision(p, y, blocks.of_frame, weights))
    return Scorecard(
        groups=tuple(sorted(set(frames.groups))),
        split_by=frames.split_by,
        footage=frames.footage,
        frames=len(y),
        push_offs=int(blocks.has_push_off.sum()),
        precision=float(precision),
        recall=float(recall),
        f1=float(f1),
        f1_within_1=f1_within_1,
        f1_interval=score_interval(f1_within_1, f1_error, blocks.push_offs_per_group),
        average_precision=ap,
        average_precision_interval=score_interval(ap, ap_error, blocks.push_offs_per_group),
        brier=float(brier_score_loss(y, p, labels=[0, 1], pos_label=1)),
        calibration_error=calibration_error(p, y),
        confusion=confusion(frames.suggested, y),
        unaided_frames=int(alone.sum()),
        unaided_f1=f1_score(unaided_tp, unaided_fp, unaided_fn) if has_enough_unaided else None,
        picture_average_precision=None if pictures is None else average_precision(pictures, y),
        picture_calibration_error=None if pictures is None else calibration_error(pictures, y),
    )


def _standard_error(scores: np.ndarray) -> float:
    """Of bootstrap samples; those that have no score, NaN, are left out."""
    known = scores[np.isfinite(scores)]
    return float(known.std(ddof=1)) if len(known) > 1 else 0.0


def confusion(p: np.ndarray, y: np.ndarray, threshold: float = 0.5) -> tuple[int, int, int, int]:
    """True negatives, false positives, false negatives, true positives of `p >= threshold`.

    `p` (N,) probabilities, or bool answers, `y` (N,) labels.
    """
    predicted, true = np.asarray(p) >= threshold, np.asarray(y) == 1
    return (
        int((~predicted & ~true).sum()),
        int((predicted & ~true).sum()),
        int((~predicted & true).sum()),
        int((predicted & true).sum()),
    )


def f1_score(tp: float, fp: float, fn: float) -> float:
    """2 tp / (2 tp + fp + fn) from counts; 0 when all are 0."""
    return 2 * tp / (2 * tp + fp + fn) if tp + fp + fn else 0.0


def average_precision(p: np.ndarray, y: np.ndarray) -> float:
    """Area under the precision-recall steps, ties as one step; 0 without push_offs."""
    from sklearn.metrics import average_precision_score

    return float(average_precision_score(y, p)) if np.any(y) else 0.0


def calibration_bins(p: np.ndarray, y: np.ndarray) -> list[tuple[float, float, int]]:
    """(mean probability, share of push_offs, number of frames) of each bin with frames.

    scikit-learn's `calibration_curve` does not return the numbers, which weight the bins.
    """
    bin_of = np.minimum((p * BINS).astype(int), BINS - 1)
    return [
        (float(p[bin_of == b].mean()), float(y[bin_of == b].mean()), int((bin_of == b).sum()))
        for b in range(BINS)
        if (bin_of == b).any()
    ]


def calibration_error(p: np.ndarray, y: np.ndarray) -> float:
    """Expected calibration error: the bins' |probability - share|, weighted by their frames.

    Naeini, Cooper and Hauskrecht (2015), "Obtaining well calibrated probabilities using Bayesian
    binning".
    """
    weighted = (abs(mean - share) * count for mean, share, count in calibration_bins(p, y))
    return float(sum(weighted) / max(1, len(p)))


def best_threshold(p: np.ndarray, y: np.ndarray) -> float:
    """The threshold with the best F1 on these frames, 0.02 to 0.98; 0.5 when a class is missing.

    It is the midpoint between two neighbouring probabilities. Of equally good ones the midpoint of
    the widest gap is taken, which is the least likely to be an accident.
    """
    if not 0 < y.sum() < len(y):
        return 0.5
    edges = np.concatenate([[0.0], np.unique(p), [1.0]])
    midpoints = (edges[:-1] + edges[1:]) / 2
    order = np.argsort(p)
    first = np.searchsorted(p[order], midpoints)  # of the frames at or above the midpoint
    push_offs_above = np.concatenate([np.cumsum(y[order][::-1])[::-1], [0]])
    tp = push_offs_above[first]
    scores = 2 * tp / (len(p) - first + y.sum())  # 2 tp / (found + true)
    is_best = scores >= scores.max() - 1e-9
    widest = int(np.argmax(np.where(is_best, np.diff(edges), -1.0)))
    return float(np.clip(midpoints[widest], *_THRESHOLDS))
