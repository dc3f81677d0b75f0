"""The picture head: the probability of push_off from one picture of the athlete alone. NumPy only.

It answers for pictures whose neighbours are not known, such as those uploaded by hand.
"""

from dataclasses import dataclass

import numpy as np

from pushoff.learning.backbone.network import FEATURES
from pushoff.learning.evaluation.calibration import sigmoid


@dataclass(frozen=True, eq=False)
class PictureHead:
    """Linear in the features of one picture."""

    weight: np.ndarray
    """(FEATURES,) float32."""
    bias: float
    temperature: float = 1.0
    """Logits are divided by it; fitted on pictures that were held out."""
    threshold: float = 0.5
    """Probability from which push_off is suggested; chosen on pictures that were held out."""

    def logits(self, features: np.ndarray) -> np.ndarray:
        """(N,) float64 of (N, FEATURES), before the temperature."""
        rows = np.asarray(features, np.float32).reshape(-1, FEATURES)
        return (rows @ self.weight + self.bias).astype(float)

    def probabilities(self, features: np.ndarray) -> np.ndarray:
        """(N,) calibrated probabilities of push_off, of (N, FEATURES) float16 or float32."""
        return sigmoid(self.logits(features) / self.temperature)
