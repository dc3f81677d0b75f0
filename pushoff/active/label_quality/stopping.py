"""Whether more labels are worth the trouble: the learning curve continued by a hundred labels."""

from dataclasses import dataclass

import numpy as np

from pushoff.active.label_quality.bootstrap import Estimate, with_interval
from pushoff.active.label_quality.learning_curve import LearningCurve

NEXT = 100
"""Labels the gain is foretold for."""
POWERS = np.geomspace(0.05, 2.0, 40)
"""Exponents c tried for `a - b * n ** -c`. On the high-jump crops (80 to 700 labels, eight
divisions of the athletes) this inverse power law foretold the next hundred labels' gain with a mean
error of 0.003 to 0.020 F1, and 33 of 40 intervals held it; an exponential, or the better of both on
the curve's own last points, did worse."""


@dataclass(frozen=True)
class StopHint:
    """Go on, or not, with the reason in words."""

    stop: bool | None
    """None where it is too early to say."""
    reason: str


def expected_gain(curve: LearningCurve) -> Estimate:
    """Of held-out F1 from the next hundred labels. Each draw of the curve is continued by itself,
    so that the gain has an interval."""
    sizes = np.array(curve.labels, float)
    f1 = np.array([point.value for point in curve.f1])
    return with_interval(_gain(sizes, f1[None])[0], _gain(sizes, curve.drawn))


def stop_hint(curve: LearningCurve | None, minimum_gain: float, why_none: str = "") -> StopHint:
    """Compare the expected gain with what a promotion asks for, `minimum_gain` of F1.

    `curve` None: `why_none` says why there is none.
    """
    if curve is None:
        return StopHint(None, f"Too early to say: {why_none}")
    gain = expected_gain(curve)
    between = "" if gain.low is None else f" ({gain.low:.3f} to {gain.high:.3f})"
    said = f"Another {NEXT} labels are expected to add {gain.value:.3f} F1{between}"
    if gain.value < minimum_gain:
        return StopHint(
            True,
            f"{said}: less than the {minimum_gain:.3f} a promotion asks for. "
            "Stop, or video other athletes.",
        )
    return StopHint(
        False, f"{said}: at least the {minimum_gain:.3f} a promotion asks for. Go on labelling."
    )


def _gain(sizes: np.ndarray, f1: np.ndarray) -> np.ndarray:
    """(M,) expected gain of the next labels for (M, K) curves."""
    at = np.array([sizes[-1], sizes[-1] + NEXT])
    foretold = continued(sizes, f1, at)
    return foretold[:, 1] - foretold[:, 0]


def continued(sizes: np.ndarray, f1: np.ndarray, at: np.ndarray) -> np.ndarray:
    """(M, A) F1 at sizes `at` (A,), of the least-squares power law through each of (M, K) curves.

    Every one rises or is flat, and ends at 1 at most: b >= 0 and a <= 1.
    """
    best = np.full(len(f1), np.inf)
    foretold = np.zeros((len(f1), len(at)))
    for power in POWERS:
        x, there = (sizes / sizes[-1]) ** -power, (at / sizes[-1]) ** -power
        apart = x - x.mean()
        b = np.maximum(0.0, -(f1 @ apart) / (apart @ apart))
        a = f1.mean(axis=1) + b * x.mean()
        over = a > 1
        b = np.where(over, np.maximum(0.0, (1 - f1) @ x / (x @ x)), b)
        a = np.where(over, 1.0, a)
        error = ((f1 - a[:, None] + b[:, None] * x) ** 2).sum(axis=1)
        better = error < best
        best = np.where(better, error, best)
        foretold[better] = a[better, None] - b[better, None] * there
    return foretold
