"""The head of a frame model on kept features: fitted in under a second, so labels show at once.

Door: scikit-learn (with `pushoff/active`'s clustering).
"""

from dataclasses import dataclass

import numpy as np

from pushoff.errors import TooFewLabels

STRENGTH = 0.1
"""scikit-learn's C, the inverse of the penalty on weights, for features scaled to unit variance:
labels are few and features 512, so the penalty is ten times scikit-learn's default."""


@dataclass(frozen=True, eq=False)
class FrameHead:
    """Logit of push_off: `features @ weight + bias`."""

    weight: np.ndarray
    """(D,) float64."""
    bias: float

    def logits(self, features: np.ndarray) -> np.ndarray:
        """(N,) of (N, D) features."""
        return np.asarray(features, np.float32) @ self.weight.astype(np.float32) + self.bias

    def probabilities(self, features: np.ndarray) -> np.ndarray:
        """(N,) of push_off, not calibrated."""
        return 1 / (1 + np.exp(-np.clip(self.logits(features).astype(float), -60, 60)))


def fit_frame_head(
    features: np.ndarray,
    labels: np.ndarray,
    weights: np.ndarray | None = None,
    strength: float = STRENGTH,
) -> FrameHead:
    """Logistic regression with classes balanced, on (N, D) features and (N,) labels 0 and 1.

    `weights` (N,) says how much each label counts, all alike when None. The same input gives the
    same head. Raises TooFewLabels unless both classes are there.
    """
    from sklearn.linear_model import LogisticRegression

    x, y = np.asarray(features, np.float64), np.asarray(labels, int)
    if len(np.unique(y)) < 2:
        raise TooFewLabels(f"all {len(y)} labels are of one class: label some of the other, too")
    mean, scale = x.mean(axis=0), x.std(axis=0) + 1e-3
    model = LogisticRegression(C=strength, class_weight="balanced", max_iter=300)
    model.fit((x - mean) / scale, y, sample_weight=weights)
    weight = model.coef_[0] / scale
    return FrameHead(weight, float(model.intercept_[0] - mean @ weight))
