"""The picture head: the probability of push_off from one picture of the athlete alone. NumPy only.

It answers for pictures whose neighbours are not known, such as those uploaded by hand.
"""

from dataclasses import dataclass, replace

import numpy as np

from pushoff.learning.backbone.network import FEATURES
from pushoff.learning.evaluation.calibration import sigmoid


@dataclass(frozen=True, eq=False)
class PictureHead:
    """Linear in the features of one picture."""

    weight: np.ndarray
    """(FEATURES,) float32."""
    bias: float

    def logits(self, features: np.ndarray) -> np.ndarray:
        """(N,) float64 of (N, FEATURES)."""
        rows = np.asarray(features, np.float32).reshape(-1, FEATURES)
        return (rows @ self.weight + self.bias).astype(float)

    def probabilities(self, features: np.ndarray) -> np.ndarray:
        """(N,) probabilities of push_off, of (N, FEATURES) float16 or float32."""
        return sigmoid(self.logits(features))

    def rescaled(self, slope: float, intercept: float) -> "PictureHead":
        """The head whose logits are `slope` times these and `intercept`: calibrated, for instance.

        `slope` is above 0.
        """
        weight = (slope * self.weight).astype(np.float32)
        return replace(self, weight=weight, bias=slope * self.bias + intercept)
