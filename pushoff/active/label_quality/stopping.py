"""When to stop labelling: the learning curve extrapolated by a hundred labels."""

from dataclasses import dataclass

import numpy as np

from pushoff.active.label_quality.bootstrap import Estimate, estimate
from pushoff.active.label_quality.learning_curve import LearningCurve

NEXT = 100
"""Labels for which the gain is predicted."""
POWERS = np.geomspace(0.05, 2.0, 40)
"""Exponents c tried for `a - b * n ** -c`. On the high-jump crops (80 to 700 labels, eight splits
of the athletes) this inverse power law predicted the gain of the next hundred labels with a mean
error of 0.003 to 0.020 F1, and 33 of 40 intervals contained it (`make bench-labels`). An
exponential, or the better of both on the last points of the curve, did worse."""


@dataclass(frozen=True)
class StopHint:
    """Whether to stop, with the reason."""

    stop: bool | None
    """None when it is too early to tell."""
    reason: str


def expected_gain(curve: LearningCurve) -> Estimate:
    """Predicted gain of held-out F1 from the next hundred labels.

    Each bootstrap sample of the curve is extrapolated too, which gives the interval.
    """
    sizes = np.array(curve.labels, float)
    f1 = np.array([point.value for point in curve.f1])
    return estimate(float(_gain(sizes, f1[None])[0]), _gain(sizes, curve.resampled))


def stop_hint(curve: LearningCurve | None, minimum_gain: float, why_none: str = "") -> StopHint:
    """Compare the expected gain with `minimum_gain`, the F1 gain that a promotion requires.

    `why_none` is the reason when `curve` is None.
    """
    if curve is None:
        return StopHint(None, f"Too early to tell: {why_none}")
    gain = expected_gain(curve)
    between = "" if gain.low is None else f" ({gain.low:.3f} to {gain.high:.3f})"
    prediction = f"Another {NEXT} labels are expected to raise F1 by {gain.value:.3f}{between}"
    if gain.value < minimum_gain:
        return StopHint(
            True,
            f"{prediction}, less than the {minimum_gain:.3f} needed for promotion. "
            "Stop labelling, or record other athletes.",
        )
    return StopHint(
        False,
        f"{prediction}, at least the {minimum_gain:.3f} needed for promotion. Continue labelling.",
    )


def _gain(sizes: np.ndarray, f1: np.ndarray) -> np.ndarray:
    """(M,) expected gain of the next labels for (M, K) curves."""
    at = np.array([sizes[-1], sizes[-1] + NEXT])
    predicted = extrapolate(sizes, f1, at)
    return predicted[:, 1] - predicted[:, 0]


def extrapolate(sizes: np.ndarray, f1: np.ndarray, at: np.ndarray) -> np.ndarray:
    """(M, A) F1 at sizes `at` (A,) of the least-squares power law through each of (M, K) curves.

    Constrained to b >= 0 (not falling) and a <= 1 (F1 is at most 1).
    """
    best: np.ndarray = np.full(len(f1), np.inf)
    predicted = np.zeros((len(f1), len(at)))
    for power in POWERS:
        x, x_at = (sizes / sizes[-1]) ** -power, (at / sizes[-1]) ** -power
        centred = x - x.mean()
        b = np.maximum(0.0, -(f1 @ centred) / (centred @ centred))
        a = f1.mean(axis=1) + b * x.mean()
        over = a > 1
        b = np.where(over, np.maximum(0.0, (1 - f1) @ x / (x @ x)), b)
        a = np.where(over, 1.0, a)
        error = ((f1 - a[:, None] + b[:, None] * x) ** 2).sum(axis=1)
        better = error < best
        best = np.where(better, error, best)
        predicted[better] = a[better, None] - b[better, None] * x_at
    return predicted
