"""The temporal head: a frame's features and its neighbours' in, what the frame is in time out.

Dilated convolutions over the features of frames 1/30 s apart: a video at 240/s is read as eight
interleaved ones, so one head serves every rate. Door: torch.
"""

from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional

from pushoff.learning.event.video_features import VIEWS

OUTPUTS = ("push_off", "contact", "near", "approach")
"""Meaning of the last axis, one logit each."""


@dataclass(frozen=True)
class HeadShape:
    """What a head is made of."""

    inputs: int
    """Features per frame."""
    width: int = 64
    dilations: tuple[int, ...] = (1, 2, 4, 8)
    """Reach of each layer in steps of 1/30 s: together a second to either side's half, enough for
    one contact and flight (0.6 s), which tells a bound from a running step."""


def head_shape(view: str, width: int, dilations: tuple[int, ...]) -> HeadShape:
    """The head that sees a view: a view of a few numbers gets a narrow one, else it learns the
    training videos by heart (with four numbers, 24 instead of 64 wide)."""
    return HeadShape(VIEWS[view], min(width, 6 * VIEWS[view]), dilations)


class TemporalHead(nn.Module):
    """(B, T, inputs) features to (B, T, 4) logits in the order of OUTPUTS.

    Half of the inputs left out while training, not 0.3: learnt from one sprint clip F1 at 1 frame
    rose from 0.907 to 0.927, the exact frame stayed (docs/benchmarks.md, "What each choice
    changed").
    """

    def __init__(self, shape: HeadShape, drop_inputs: float = 0.5, drop: float = 0.15) -> None:
        super().__init__()
        self.shape = shape
        width = shape.width
        self.register_buffer("mean", torch.zeros(shape.inputs))
        self.register_buffer("scale", torch.ones(shape.inputs))
        self.enter = nn.Linear(shape.inputs, width)
        # a linear layer over (before, now, after) is a dilated convolution, and several times
        # faster on a CPU than torch's own
        self.layers = nn.ModuleList(nn.Linear(3 * width, width) for _ in shape.dilations)
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in shape.dilations)
        self.leave = nn.Linear(width, len(OUTPUTS))
        self.drop_inputs, self.drop = drop_inputs, drop

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Logits; frames beyond either end count as zeros after each layer's norm."""
        x = (features - self.mean) / self.scale  # (B, T, inputs)
        x = self.enter(self._dropped(x, self.drop_inputs))  # (B, T, width)
        for layer, norm, reach in zip(self.layers, self.norms, self.shape.dilations, strict=True):
            y = norm(x)
            around = torch.cat([_shifted(y, reach), y, _shifted(y, -reach)], dim=2)
            x = x + self._dropped(functional.gelu(layer(around)), self.drop)
        return self.leave(x)

    def _dropped(self, x: torch.Tensor, share: float) -> torch.Tensor:
        """Whole channels of a sequence left out while training: frames are no fresh evidence."""
        if not self.training or share == 0:
            return x
        kept = torch.rand(x.shape[0], 1, x.shape[2], device=x.device) >= share
        return x * kept / (1 - share)


def _shifted(x: torch.Tensor, steps: int) -> torch.Tensor:
    """(B, T, C) moved later by `steps` (earlier when negative), zeros moving in."""
    count = x.shape[1]
    if abs(steps) >= count:
        return torch.zeros_like(x)
    if steps > 0:
        return functional.pad(x[:, :-steps], (0, 0, steps, 0))
    return functional.pad(x[:, -steps:], (0, 0, 0, -steps))
