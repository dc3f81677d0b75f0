"""The probability that a frame of a video is a push_off, from the decoded sequence. NumPy only.

A penalised logistic regression, as in Platt (1999), "Probabilistic outputs for support vector
machines": the sequence head is fitted on smoothed targets, so its curve is also high beside a
push-off. Whether the decoder placed the push-off at this frame tells the two apart.
"""

from dataclasses import dataclass

import numpy as np

from pushoff.learning.evaluation.calibration import logit, sigmoid

_MARGIN = 1e-4
"""Curves are clipped to this and its complement, as the sequence head's logits are."""
_PENALTY = 2.0
"""Weight of the squared distance from the identity, as much as eight frames of probability 0.5."""
_MIN_SLOPE = 0.05
"""So that a higher curve never means a lower probability."""
_STEPS = 100


@dataclass(frozen=True)
class FrameCalibration:
    """Logistic curve of a frame; the curve itself by default."""

    slope: float = 1.0
    """Of the curve's logit, above 0."""
    intercept: float = 0.0
    push_off: float = 0.0
    """Added to the logit where the decoded sequence has a push-off, at least 0."""

    def apply(self, curve: np.ndarray, is_push_off: np.ndarray) -> np.ndarray:
        """(N,) probabilities of push_off, 0.0001 to 0.9999.

        `curve` (N,) is the sequence head's probability of push_off at each frame. `is_push_off`
        (N,) is True, or the event's probability, where the decoded sequence has a push-off.
        """
        values = np.array([self.slope, self.intercept, self.push_off])
        return np.clip(sigmoid(_inputs(curve, is_push_off) @ values), _MARGIN, 1 - _MARGIN)


def fit_frame_calibration(
    curve: np.ndarray, is_push_off: np.ndarray, labels: np.ndarray
) -> FrameCalibration:
    """Fit held-out frames: `curve` and `is_push_off` as in `apply`, `labels` (N,), 1 = push_off.

    With few frames it stays near the curve itself. Where a limit of slope or offset is exceeded,
    that value is fixed at its limit and the others are fitted again.
    """
    x, y = _inputs(curve, is_push_off), np.asarray(labels, float)
    limits = np.array([_MIN_SLOPE, -np.inf, 0.0])
    values, free = np.array([1.0, 0.0, 0.0]), np.array([True, True, True])
    while True:
        values = _minimize(x, y, values, free)
        exceeded = free & (values < limits)
        if not exceeded.any():
            slope, intercept, push_off = values.tolist()
            return FrameCalibration(slope, intercept, push_off)
        values, free = np.maximum(values, limits), free & ~exceeded


def _inputs(curve: np.ndarray, is_push_off: np.ndarray) -> np.ndarray:
    """(N, 3): the curve's logit, 1, and whether there is a push-off."""
    curve = np.asarray(curve, float)
    return np.stack(
        [logit(curve, _MARGIN), np.ones(len(curve)), np.asarray(is_push_off, float)], axis=1
    )


def _minimize(x: np.ndarray, y: np.ndarray, values: np.ndarray, free: np.ndarray) -> np.ndarray:
    """The free values with the least penalised log loss, by Newton steps that never overshoot."""
    identity = np.array([1.0, 0.0, 0.0])

    def loss(candidate: np.ndarray) -> float:
        z = x @ candidate
        return float(
            np.sum(np.logaddexp(0, z) - y * z) + _PENALTY / 2 * np.sum((candidate - identity) ** 2)
        )

    for _ in range(_STEPS):
        p = sigmoid(x @ values)
        gradient = x.T @ (p - y) + _PENALTY * (values - identity)
        curvature = (x * (p * (1 - p))[:, None]).T @ x + _PENALTY * np.eye(3)
        step = np.zeros(3)
        step[free] = np.linalg.solve(curvature[np.ix_(free, free)], gradient[free])
        size = 1.0
        while size > 1e-6 and loss(values - size * step) > loss(values):
            size /= 2
        if size <= 1e-6 or np.abs(step).max() < 1e-9:
            break
        values = values - size * step
    return values
