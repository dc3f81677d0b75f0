"""Held-out scores of a frame model, and a paired comparison of two models.

scikit-learn computes what it has; it is imported on first use. Door: scikit-learn.
"""

from collections.abc import Sequence

import numpy as np

from pushoff.errors import TooFewLabels
from pushoff.values import Scorecard

MIN_UNAIDED = 5
"""Held-out labels of each class, given without a suggestion, from which their F1 is reported: as
many as `PUSHOFF_MIN_PER_CLASS` requires of held-out sessions."""
BINS = 10
"""Equal-width probability bins of the calibration error and the reliability diagram."""
DRAWS = 1000
"""Bootstrap samples of `paired_confidence`: its standard error is then below 0.016."""
_THRESHOLDS = (0.02, 0.98)
"""Range of `best_threshold`."""


def score(
    probabilities: np.ndarray,
    labels: np.ndarray,
    sessions: Sequence[str],
    footage: str,
    threshold: float,
    independent: bool = True,
    unaided: Sequence[bool] | np.ndarray | None = None,
) -> Scorecard:
    """The scorecard of (N,) push_off probabilities against (N,) labels, 1 = push_off.

    `sessions` (N,) names each frame's session; `unaided` (N,) is True where the label is not an
    accepted suggestion, everywhere when None. Raises TooFewLabels when there is no frame, and
    ValueError when lengths differ or a probability is not a number from 0 to 1.
    """
    from sklearn.metrics import brier_score_loss, precision_recall_fscore_support

    p, y = _check_arrays(probabilities, labels)
    if len(sessions) != len(p):
        raise ValueError(f"{len(sessions)} session names for {len(p)} frames")
    if not len(p):
        raise TooFewLabels("There is no held-out frame to score on", code="nothing_held_out")
    precision, recall, f1, _ = precision_recall_fscore_support(
        y, p >= threshold, average="binary", zero_division=0
    )
    alone = np.ones(len(p), bool) if unaided is None else np.asarray(unaided, bool)
    _, unaided_fp, unaided_fn, unaided_tp = confusion(p[alone], y[alone], threshold)
    is_enough = min(y[alone].sum(), (1 - y[alone]).sum()) >= MIN_UNAIDED
    return Scorecard(
        sessions=tuple(sorted(set(sessions))),
        footage=footage,
        frames=len(p),
        push_offs=int(y.sum()),
        threshold=float(threshold),
        precision=float(precision),
        recall=float(recall),
        f1=float(f1),
        average_precision=average_precision(p, y),
        brier=float(brier_score_loss(y, p, labels=[0, 1], pos_label=1)),
        calibration_error=calibration_error(p, y),
        confusion=confusion(p, y, threshold),
        independent=independent,
        unaided_frames=int(alone.sum()),
        unaided_f1=f1_score(unaided_tp, unaided_fp, unaided_fn) if is_enough else None,
    )


def confusion(p: np.ndarray, y: np.ndarray, threshold: float) -> tuple[int, int, int, int]:
    """True negatives, false positives, false negatives, true positives of `p >= threshold`."""
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


def paired_confidence(
    labels: np.ndarray,
    groups: Sequence[str],
    p_candidate: np.ndarray,
    p_champion: np.ndarray,
    threshold_candidate: float,
    threshold_champion: float,
    seed: int = 1,
    draws: int = DRAWS,
) -> float:
    """Share of bootstrap samples in which the candidate's F1 beats the champion's; ties count half.

    All arrays (N,), the same held-out frames for both. Groups are sampled with replacement, then
    frames within each: two frames of one group are not independent. 0.5 for equal models.
    """
    candidate, y = _check_arrays(p_candidate, labels)
    champion, _ = _check_arrays(p_champion, labels)
    if not len(y):
        raise TooFewLabels("There is no held-out frame to compare on", code="nothing_held_out")
    names = np.asarray(groups)
    rows = [np.nonzero(names == name)[0] for name in np.unique(names)]
    counts = np.stack(  # (N, 6): tp, fp, fn of each model, one row per frame
        [
            outcome
            for predicted in (candidate >= threshold_candidate, champion >= threshold_champion)
            for outcome in (predicted & (y == 1), predicted & (y == 0), ~predicted & (y == 1))
        ],
        axis=1,
    ).astype(float)
    rng = np.random.default_rng(seed)
    wins = 0.0
    for _ in range(draws):
        sample = np.concatenate(
            [
                rng.choice(rows[group], len(rows[group]))
                for group in rng.integers(0, len(rows), len(rows))
            ]
        )
        sums = counts[sample].sum(axis=0)
        f1_candidate, f1_champion = f1_score(*sums[:3]), f1_score(*sums[3:])
        wins += 1.0 if f1_candidate > f1_champion else 0.5 if f1_candidate == f1_champion else 0.0
    return wins / draws


def _check_arrays(probabilities: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    p = np.asarray(probabilities, dtype=float)
    y = np.asarray(labels, dtype=int)
    if p.shape != y.shape or p.ndim != 1:
        raise ValueError(f"{p.shape} probabilities for {y.shape} labels")
    if len(p) and not (np.isfinite(p).all() and p.min() >= 0 and p.max() <= 1):
        raise ValueError("a probability is not a number from 0 to 1")
    if not np.isin(y, (0, 1)).all():
        raise ValueError("labels are 0 and 1")
    return p, y
