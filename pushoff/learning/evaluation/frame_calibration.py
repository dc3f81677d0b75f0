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
_CURVE_EDGES = (0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7)
"""Steps of the curve by which labelled frames are weighted."""
MAX_WEIGHT = 20.0
"""Of a labelled frame, times the mean."""


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
    curve: np.ndarray,
    is_push_off: np.ndarray,
    labels: np.ndarray,
    weights: np.ndarray | None = None,
) -> FrameCalibration:
    """Fit held-out frames: `curve` and `is_push_off` as in `apply`, `labels` (N,), 1 = push_off.

    `weights` (N,), see `population_weights`, says how many frames each stands for; None: one each.
    With few frames it stays near the curve itself. Where a limit of slope or offset is exceeded,
    that value is fixed at its limit and the others are fitted again.
    """
    x, y = _inputs(curve, is_push_off), np.asarray(labels, float)
    w = np.ones(len(y)) if weights is None else np.asarray(weights, float)
    limits = np.array([_MIN_SLOPE, -np.inf, 0.0])
    values, free = np.array([1.0, 0.0, 0.0]), np.array([True, True, True])
    while True:
        values = _minimize(x, y, w, values, free)
        exceeded = free & (values < limits)
        if not exceeded.any():
            slope, intercept, push_off = values.tolist()
            return FrameCalibration(slope, intercept, push_off)
        values, free = np.maximum(values, limits), free & ~exceeded


def population_weights(
    curve: np.ndarray,
    is_push_off: np.ndarray,
    all_curve: np.ndarray,
    all_push_off: np.ndarray,
) -> np.ndarray:
    """(N,) weights with which N labelled frames stand for the M frames of their videos; mean 1.

    The queue asks for likely push-offs and what is beside them. Frames are counted by the curve, in
    steps of it, and by whether the decoder placed a push-off: importance weighting under covariate
    shift, Shimodaira (2000). A weight is at most MAX_WEIGHT times the mean.
    """
    edges = np.array(_CURVE_EDGES)
    own = np.digitize(curve, edges) + len(edges) * 2 * np.asarray(is_push_off, bool)
    everywhere = np.digitize(all_curve, edges) + len(edges) * 2 * np.asarray(all_push_off, bool)
    size = 4 * len(edges)
    labelled = np.bincount(own, minlength=size) / max(len(own), 1)
    population = np.bincount(everywhere, minlength=size) / max(len(everywhere), 1)
    weights = population[own] / np.maximum(labelled[own], 1e-9)
    weights = np.clip(weights, 1 / MAX_WEIGHT, MAX_WEIGHT)
    return np.asarray(weights / weights.mean()) if len(weights) else weights


def _inputs(curve: np.ndarray, is_push_off: np.ndarray) -> np.ndarray:
    """(N, 3): the curve's logit, 1, and whether there is a push-off."""
    curve = np.asarray(curve, float)
    return np.stack(
        [logit(curve, _MARGIN), np.ones(len(curve)), np.asarray(is_push_off, float)], axis=1
    )


def _minimize(
    x: np.ndarray, y: np.ndarray, w: np.ndarray, values: np.ndarray, free: np.ndarray
) -> np.ndarray:
    """The free values with the least penalised log loss, by Newton steps that never overshoot."""
    identity = np.array([1.0, 0.0, 0.0])

    def loss(candidate: np.ndarray) -> float:
        z = x @ candidate
        return float(
            np.sum(w * (np.logaddexp(0, z) - y * z))
            + _PENALTY / 2 * np.sum((candidate - identity) ** 2)
        )

    for _ in range(_STEPS):
        p = sigmoid(x @ values)
        gradient = x.T @ (w * (p - y)) + _PENALTY * (values - identity)
        curvature = (x * (w * p * (1 - p))[:, None]).T @ x + _PENALTY * np.eye(3)
        step = np.zeros(3)
        step[free] = np.linalg.solve(curvature[np.ix_(free, free)], gradient[free])
        size = 1.0
        while size > 1e-6 and loss(values - size * step) > loss(values):
            size /= 2
        if size <= 1e-6 or np.abs(step).max() < 1e-9:
            break
        values = values - size * step
    return values
