"""How good a model is on held-out frames, and whether one is better than another. Numpy only."""

from collections.abc import Sequence

import numpy as np

from pushoff.errors import TooFewLabels
from pushoff.values import Scorecard

UNAIDED = 5
"""Held-out labels of each class, given without a suggestion, from which F1 is said of them alone:
as many as `PUSHOFF_MIN_PER_CLASS` asks of held-out sessions."""
BINS = 10
"""Equal-width probability bins of the calibration error and the reliability diagram."""
DRAWS = 1000
"""Bootstrap draws of `paired_confidence`: its standard error is then below 0.016."""


def score(
    probabilities: np.ndarray,
    labels: np.ndarray,
    sessions: Sequence[str],
    footage: str,
    threshold: float,
    independent: bool = True,
    unaided: Sequence[bool] | None = None,
) -> Scorecard:
    """The scorecard of (N,) push_off probabilities against (N,) labels, 1 = push_off.

    `sessions` (N,) names each frame's session; `unaided` (N,) says whose label is not an accepted
    suggestion, all of them when None. Raises TooFewLabels when there is no frame, and
    ValueError when lengths differ or a probability is not a number from 0 to 1.
    """
    p, y = _checked(probabilities, labels)
    if len(sessions) != len(p):
        raise ValueError(f"{len(sessions)} session names for {len(p)} frames")
    if not len(p):
        raise TooFewLabels("no held-out frame to score on")
    tn, fp, fn, tp = confusion(p, y, threshold)
    alone = np.ones(len(p), bool) if unaided is None else np.asarray(unaided, bool)
    _, alone_fp, alone_fn, alone_tp = confusion(p[alone], y[alone], threshold)
    enough = min(y[alone].sum(), (1 - y[alone]).sum()) >= UNAIDED
    return Scorecard(
        sessions=tuple(sorted(set(sessions))),
        footage=footage,
        frames=len(p),
        push_offs=int(y.sum()),
        threshold=float(threshold),
        precision=tp / (tp + fp) if tp + fp else 0.0,
        recall=tp / (tp + fn) if tp + fn else 0.0,
        f1=f1_score(tp, fp, fn),
        average_precision=average_precision(p, y),
        brier=float(np.mean((p - y) ** 2)),
        calibration_error=calibration_error(p, y),
        confusion=(tn, fp, fn, tp),
        independent=independent,
        unaided_frames=int(alone.sum()),
        unaided_f1=f1_score(alone_tp, alone_fp, alone_fn) if enough else None,
    )


def confusion(p: np.ndarray, y: np.ndarray, threshold: float) -> tuple[int, int, int, int]:
    """true negatives, false positives, false negatives, true positives; `p >= threshold` fires."""
    fired, true = np.asarray(p) >= threshold, np.asarray(y) == 1
    return (
        int((~fired & ~true).sum()),
        int((fired & ~true).sum()),
        int((~fired & true).sum()),
        int((fired & true).sum()),
    )


def f1_score(tp: float, fp: float, fn: float) -> float:
    """2 tp / (2 tp + fp + fn); 0 when nothing was there and nothing was found."""
    return 2 * tp / (2 * tp + fp + fn) if tp + fp + fn else 0.0


def precision_recall(p: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """precision, recall, threshold (K,) at each distinct probability, from the highest down."""
    order = np.argsort(-p, kind="stable")
    found = np.cumsum(y[order])
    last = np.r_[np.nonzero(np.diff(p[order]))[0], len(p) - 1] if len(p) else np.zeros(0, int)
    precision = found[last] / (last + 1)
    recall = found[last] / max(1, int(y.sum()))
    return precision, recall, p[order][last]


def average_precision(p: np.ndarray, y: np.ndarray) -> float:
    """Area under the precision-recall steps, ties as one step; 0 without push_offs."""
    if not np.any(y):
        return 0.0
    precision, recall, _ = precision_recall(p, y)
    return float(np.sum(np.diff(np.r_[0.0, recall]) * precision))


def calibration_bins(p: np.ndarray, y: np.ndarray) -> list[tuple[float, float, int]]:
    """(mean probability, share of push_offs, frames) of each bin that has frames."""
    which = np.minimum((p * BINS).astype(int), BINS - 1)
    return [
        (float(p[which == b].mean()), float(y[which == b].mean()), int((which == b).sum()))
        for b in range(BINS)
        if (which == b).any()
    ]


def calibration_error(p: np.ndarray, y: np.ndarray) -> float:
    """Expected calibration error: the bins' |confidence - frequency|, weighted by frames."""
    return float(sum(abs(c - f) * n for c, f, n in calibration_bins(p, y)) / max(1, len(p)))


def best_threshold(p: np.ndarray, y: np.ndarray) -> float:
    """The probability from which calling push_off gives the best F1 on these frames.

    Lies in the middle between two neighbouring probabilities; of equally good places the one in
    the widest gap is taken, the least likely to be an accident. 0.5 when one class is missing.
    """
    if not 0 < y.sum() < len(y):
        return 0.5
    values = np.unique(p)
    edges = np.r_[0.0, values, 1.0]
    places = (edges[:-1] + edges[1:]) / 2
    scores = []
    for place in places:
        _, fp, fn, tp = confusion(p, y, place)
        scores.append(f1_score(tp, fp, fn))
    widths = np.diff(edges)
    best = np.asarray(scores) >= max(scores) - 1e-9
    chosen = int(np.argmax(np.where(best, widths, -1.0)))
    return float(np.clip(places[chosen], 0.02, 0.98))


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
    """Share of bootstrap draws in which the candidate's F1 beats the champion's; ties count half.

    All arrays (N,), the same held-out frames for both. A draw takes sessions with replacement,
    then frames within each: two frames of one session are no two proofs. 0.5 for equal models.
    """
    pc, y = _checked(p_candidate, labels)
    pm, _ = _checked(p_champion, labels)
    if not len(y):
        raise TooFewLabels("no held-out frame to compare on")
    names = np.asarray(groups)
    rows = [np.nonzero(names == name)[0] for name in np.unique(names)]
    outcomes = np.stack(  # (N, 6): tp, fp, fn of each model, one row per frame
        [
            part
            for fired in (pc >= threshold_candidate, pm >= threshold_champion)
            for part in (fired & (y == 1), fired & (y == 0), ~fired & (y == 1))
        ],
        axis=1,
    ).astype(float)
    rng = np.random.default_rng(seed)
    wins = 0.0
    for _ in range(draws):
        drawn = np.concatenate(
            [
                rng.choice(rows[session], len(rows[session]))
                for session in rng.integers(0, len(rows), len(rows))
            ]
        )
        sums = outcomes[drawn].sum(axis=0)
        mine, theirs = f1_score(*sums[:3]), f1_score(*sums[3:])
        wins += 1.0 if mine > theirs else 0.5 if mine == theirs else 0.0
    return wins / draws


def _checked(probabilities: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    p = np.asarray(probabilities, dtype=float)
    y = np.asarray(labels, dtype=int)
    if p.shape != y.shape or p.ndim != 1:
        raise ValueError(f"{p.shape} probabilities for {y.shape} labels")
    if len(p) and not (np.isfinite(p).all() and p.min() >= 0 and p.max() <= 1):
        raise ValueError("a probability is not a number from 0 to 1")
    if not np.isin(y, (0, 1)).all():
        raise ValueError("labels are 0 and 1")
    return p, y
