"""The temporal head of a frame model: a frame is judged with its neighbours. Door: torch."""

from dataclasses import dataclass

import numpy as np
import torch

from pushoff.errors import ModelRefused
from pushoff.values import ModelCard

OFFSETS_S = (-1 / 15, -1 / 30, 0.0, 1 / 30, 1 / 15)
"""Two frames either side of a video at 30/s. The last 12.5 ms of contact are told from what lies
33 ms after (flight) and 33 to 67 ms before (the same foot, flat on the ground)."""
_WEIGHT, _BIAS = "temporal.weight", "temporal.bias"


@dataclass(frozen=True, eq=False)
class TemporalWeights:
    """Logit of push_off from the features of K frames."""

    offsets_s: tuple[float, ...]
    """K times in camera seconds, seen from the frame judged."""
    weight: np.ndarray
    """(K, D) float32."""
    bias: float

    def logits(self, features: np.ndarray) -> np.ndarray:
        """(N,) of (N, K, D) features."""
        flat = features.reshape(len(features), -1).astype(np.float32)
        return (flat @ self.weight.reshape(-1) + self.bias).astype(float)

    def tensors(self) -> dict[str, torch.Tensor]:
        """As they are kept beside the network's weights."""
        weight = torch.from_numpy(np.ascontiguousarray(self.weight, np.float32))
        return {_WEIGHT: weight, _BIAS: torch.tensor([self.bias], dtype=torch.float32)}


def take_temporal(tensors: dict[str, torch.Tensor], card: ModelCard) -> TemporalWeights | None:
    """Take the temporal head out of a model's tensors, if its card names one.

    Raises ModelRefused when card and tensors disagree.
    """
    weight, bias = tensors.pop(_WEIGHT, None), tensors.pop(_BIAS, None)
    if not card.offsets_s and weight is None and bias is None:
        return None
    if weight is None or bias is None or weight.shape != (len(card.offsets_s), 512):
        raise ModelRefused("the card and the weights disagree about the temporal head")
    if 0.0 not in card.offsets_s or bias.shape != (1,):
        raise ModelRefused("the temporal head does not see the frame it judges")
    if not (torch.isfinite(weight).all() and torch.isfinite(bias).all()):
        raise ModelRefused("the temporal head holds numbers that are not finite")
    return TemporalWeights(card.offsets_s, weight.numpy(), float(bias))
