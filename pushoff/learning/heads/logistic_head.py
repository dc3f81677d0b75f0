"""A logistic-regression head on stored features: fitted in under a second.

Door: scikit-learn (with `pushoff/active`'s clustering and the metrics).
"""

from dataclasses import dataclass

import numpy as np

from pushoff.errors import TooFewLabels
from pushoff.learning.evaluation.calibration import sigmoid

STRENGTH = 0.1
"""scikit-learn's C, the inverse of the penalty on weights, for features scaled to unit variance:
there are few labels and 512 features, so the penalty is ten times scikit-learn's default."""


@dataclass(frozen=True, eq=False)
class LogisticHead:
    """Logit of push_off: `features @ weight + bias`."""

    weight: np.ndarray
    """(D,) float64."""
    bias: float

    def logits(self, features: np.ndarray) -> np.ndarray:
        """(N,) of (N, D) features."""
        return np.asarray(features, np.float32) @ self.weight.astype(np.float32) + self.bias

    def probabilities(self, features: np.ndarray) -> np.ndarray:
        """(N,) of push_off, not calibrated."""
        return sigmoid(self.logits(features).astype(float))


def preload() -> None:
    """Import scikit-learn's classifiers before they are needed, for a process that forks."""
    import sklearn.linear_model  # noqa: F401


def fit_logistic_head(
    features: np.ndarray,
    labels: np.ndarray,
    weights: np.ndarray | None = None,
    strength: float = STRENGTH,
) -> LogisticHead:
    """Fit (N, D) features to (N,) labels, 0 and 1, with balanced classes.

    `weights` (N,) says how much each label counts; None: all the same. The same input gives the
    same head. Raises TooFewLabels unless both classes are there.
    """
    from sklearn.linear_model import LogisticRegression

    x, y = np.asarray(features, np.float64), np.asarray(labels, int)
    if len(np.unique(y)) < 2:
        raise TooFewLabels(
            f"All {len(y)} labels are of one class.",
            code="one_class",
            remedy="Label some of the other.",
        )
    mean, scale = x.mean(axis=0), x.std(axis=0) + 1e-3
    model = LogisticRegression(C=strength, class_weight="balanced", max_iter=300)
    model.fit((x - mean) / scale, y, sample_weight=weights)
    weight = model.coef_[0] / scale
    return LogisticHead(weight, float(model.intercept_[0] - mean @ weight))
