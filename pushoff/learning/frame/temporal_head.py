"""The temporal head of a frame model: linear in the features of a frame and its neighbours.

Door: torch.
"""

from dataclasses import dataclass

import numpy as np
import torch

from pushoff.errors import ModelRefused
from pushoff.learning.network import FEATURES
from pushoff.values import ModelCard

OFFSETS_S = (-1 / 15, -1 / 30, 0.0, 1 / 30, 1 / 15)
"""Two frames to either side in a video at 30/s. The last 12.5 ms of a contact differ from other
frames by what comes 33 ms later (flight) and 33 to 67 ms earlier (the same foot, flat on the
ground)."""
OWN_OFFSET = OFFSETS_S.index(0.0)
"""Index of the frame itself in OFFSETS_S."""
_WEIGHT, _BIAS = "temporal.weight", "temporal.bias"


@dataclass(frozen=True, eq=False)
class TemporalHeadWeights:
    """Logit of push_off from the features of K frames."""

    offsets_s: tuple[float, ...]
    """K times in camera seconds, relative to the frame."""
    weight: np.ndarray
    """(K, D) float32."""
    bias: float

    def logits(self, features: np.ndarray) -> np.ndarray:
        """(N,) of (N, K, D) features."""
        flat = features.reshape(len(features), self.weight.size).astype(np.float32)  # (N, K * D)
        return (flat @ self.weight.reshape(-1) + self.bias).astype(float)

    def tensors(self) -> dict[str, torch.Tensor]:
        """As they are saved beside the network's weights."""
        weight = torch.from_numpy(np.ascontiguousarray(self.weight, np.float32))
        return {_WEIGHT: weight, _BIAS: torch.tensor([self.bias], dtype=torch.float32)}


def pop_temporal_head(
    tensors: dict[str, torch.Tensor], card: ModelCard
) -> TemporalHeadWeights | None:
    """Remove the temporal head from a model's tensors and return it; None if the card names none.

    Raises ModelRefused when card and tensors disagree.
    """
    weight, bias = tensors.pop(_WEIGHT, None), tensors.pop(_BIAS, None)
    if not card.offsets_s and weight is None and bias is None:
        return None
    if weight is None or bias is None or weight.shape != (len(card.offsets_s), FEATURES):
        raise ModelRefused(
            "the temporal head in the weights does not match the model card", code="temporal_head"
        )
    if 0.0 not in card.offsets_s or bias.shape != (1,):
        raise ModelRefused("the temporal head does not see the frame itself", code="temporal_head")
    if not (torch.isfinite(weight).all() and torch.isfinite(bias).all()):
        raise ModelRefused("the temporal head contains NaN or infinite values")
    return TemporalHeadWeights(card.offsets_s, weight.numpy(), float(bias))
