"""The temporal head: from the features of a frame and its neighbours to four logits.

Dilated convolutions over the features of frames 1/30 s apart: a video at 240/s is scored as eight
interleaved ones, so one head works at every rate. Door: torch.
"""

from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional

from pushoff.learning.features.video_features import VIEWS

OUTPUTS = ("push_off", "contact", "near", "approach")
"""The four logits: end of a contact, ground contact, the foot nearer to the camera, running
step."""


MAX_COMPONENTS = 64
"""Principal components of a view that a head sees: 64 of 512 features. With few labels the other
directions are only noise to fit: trained on 60 labelled frames of eight sprint clips, exact-frame
F1 on three others rose from 0.32 to 0.53, and fitting takes a third of the time."""


@dataclass(frozen=True)
class HeadShape:
    """The sizes of a head's layers."""

    inputs: int
    """Features per frame."""
    components: int = MAX_COMPONENTS
    """Of the features, after the projection."""
    width: int = 64
    """Channels of the hidden layers."""
    dilations: tuple[int, ...] = (1, 2, 4, 8)
    """Of each layer, in steps of 1/30 s. Together they reach half a second to either side, enough
    for one contact and flight (0.6 s), which distinguishes a bound from a running step."""


def head_shape(view: str, width: int, dilations: tuple[int, ...]) -> HeadShape:
    """The shape for a view. A view of few features gets a narrow head, which does not overfit the
    training videos (with four features, 24 instead of 64 wide)."""
    inputs = VIEWS[view]
    return HeadShape(inputs, min(MAX_COMPONENTS, inputs), min(width, 6 * inputs), dilations)


class TemporalHead(nn.Module):
    """(B, T, inputs) features to (B, T, 4) logits in the order of OUTPUTS.

    Dropout of half the inputs, not 0.3: trained on one sprint clip, F1 within 1 frame rose from
    0.907 to 0.927 and exact frames stayed the same (docs/benchmarks.md, "What each choice
    changed").
    """

    mean: torch.Tensor
    projection: torch.Tensor
    """(inputs, components): onto the training features' principal components, of unit variance."""

    def __init__(
        self, shape: HeadShape, input_dropout: float = 0.5, hidden_dropout: float = 0.15
    ) -> None:
        super().__init__()
        self.shape = shape
        width = shape.width
        self.register_buffer("mean", torch.zeros(shape.inputs))
        self.register_buffer("projection", torch.eye(shape.inputs, shape.components))
        self.input = nn.Linear(shape.components, width)
        # a linear layer over (before, now, after) is a dilated convolution, and several times
        # faster on a CPU than torch's own
        self.layers = nn.ModuleList(nn.Linear(3 * width, width) for _ in shape.dilations)
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in shape.dilations)
        self.output = nn.Linear(width, len(OUTPUTS))
        self.input_dropout, self.hidden_dropout = input_dropout, hidden_dropout

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Logits; frames beyond either end count as zeros after each layer's norm."""
        return self.forward_projected(self.project(features))

    def project(self, features: torch.Tensor) -> torch.Tensor:
        """(B, T, inputs) features to (B, T, components), which `forward_projected` takes."""
        return (features - self.mean) @ self.projection

    def forward_projected(self, x: torch.Tensor) -> torch.Tensor:
        """Logits of what `project` returned, which a fit computes once."""
        x = self.input(self._channel_dropout(x, self.input_dropout))  # (B, T, width)
        for layer, norm, dilation in zip(
            self.layers, self.norms, self.shape.dilations, strict=True
        ):
            y = norm(x)
            neighbours = torch.cat([_shift(y, dilation), y, _shift(y, -dilation)], dim=2)
            x = x + self._channel_dropout(functional.gelu(layer(neighbours)), self.hidden_dropout)
        return self.output(x)

    def _channel_dropout(self, x: torch.Tensor, share: float) -> torch.Tensor:
        """Drop whole channels of a sequence in training, because its frames are not independent."""
        if not self.training or share == 0:
            return x
        kept = torch.rand(x.shape[0], 1, x.shape[2], device=x.device) >= share
        return x * kept / (1 - share)


def _shift(x: torch.Tensor, steps: int) -> torch.Tensor:
    """(B, T, C) moved later by `steps` (earlier when negative), filled with zeros."""
    count = x.shape[1]
    if abs(steps) >= count:
        return torch.zeros_like(x)
    if steps > 0:
        return functional.pad(x[:, :-steps], (0, 0, steps, 0))
    return functional.pad(x[:, -steps:], (0, 0, 0, -steps))
