"""Probability calibration: Platt scaling and decision thresholds. NumPy only.

Platt (1999), "Probabilistic outputs for support vector machines".
"""

from dataclasses import dataclass

import numpy as np

from pushoff.learning.evaluation.metrics import best_threshold

NEUTRAL = 0.5
"""The decision threshold that a class-weighted loss aims at."""
PRIOR_PUSH_OFFS = 10
"""This many push-offs in validation weigh as much as the neutral threshold: with four, the best
threshold of a rendered drill was 0.88 and found 2 of 13 push-offs of another athlete; shrunk to
0.6 it found 9."""
_PLATT_PENALTY = 2.0
"""Weight of the squared distance from the identity, as much as about ten events."""
_SCORE_MARGIN = 1e-3


def sigmoid(logits: np.ndarray) -> np.ndarray:
    """Probabilities of logits, of the same shape; no overflow."""
    return np.asarray(1 / (1 + np.exp(-np.clip(logits, -60, 60))))


def logit(p: np.ndarray, margin: float = 1e-12) -> np.ndarray:
    """Logits of probabilities, which are first clipped to `margin` ... 1 - `margin`."""
    p = np.clip(p, margin, 1 - margin)
    return np.asarray(np.log(p / (1 - p)))


def shrunk_threshold(p: np.ndarray, y: np.ndarray) -> float:
    """The threshold with the best F1, shrunk towards 0.5 when there are few push-offs.

    `p` (N,) probabilities, `y` (N,) labels, 1 = push_off.
    """
    count = int(np.sum(y))
    best = best_threshold(p, y)
    return (count * best + PRIOR_PUSH_OFFS * NEUTRAL) / (count + PRIOR_PUSH_OFFS)


@dataclass(frozen=True)
class PlattScaling:
    """A logistic curve from an event's score to its probability; the identity by default."""

    slope: float = 1.0
    intercept: float = 0.0
    measured_on: str = ""
    """The clips it was fitted on while they were held out, and their footage."""

    def apply(self, score: float) -> float:
        """Probability that an event with this score, 0 to 1, is right: 0.0001 to 0.9999."""
        scaled = self.slope * logit(np.array(score), _SCORE_MARGIN) + self.intercept
        return float(np.clip(sigmoid(scaled), 1e-4, 1 - 1e-4))


def fit_platt(scores: np.ndarray, correct: np.ndarray, measured_on: str = "") -> PlattScaling:
    """Fit (N,) scores, 0 to 1, to (N,) outcomes, 1 = correct, by penalised Newton steps.

    The penalty keeps the curve near the identity when there are few events. The slope is at least
    0.05, so that a higher score never means a lower probability.
    """
    x = np.stack([logit(scores, _SCORE_MARGIN), np.ones(len(scores))], axis=1)  # (N, 2)
    identity = np.array([1.0, 0.0])
    weights = identity.copy()
    for _ in range(50):
        p = sigmoid(x @ weights)
        gradient = x.T @ (correct - p) - _PLATT_PENALTY * (weights - identity)
        curvature = (x * (p * (1 - p))[:, None]).T @ x + _PLATT_PENALTY * np.eye(2)
        weights = weights + np.clip(np.linalg.solve(curvature, gradient), -1, 1)
    return PlattScaling(float(max(weights[0], 0.05)), float(weights[1]), measured_on)
