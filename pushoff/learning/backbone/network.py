"""The networks of all models: a ResNet, and the step from pixels to what it sees.

Door: torch and torchvision.
"""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import torch

from pushoff.errors import ModelRefused
from pushoff.values import Label

if TYPE_CHECKING:
    from torchvision.models import ResNet

ARCHITECTURES = ("resnet18", "resnet34")
FEATURES = 512
"""Length of the vector before the last layer, for both architectures."""
IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class Preprocessing:
    """The step from an upright RGB image to what the network sees."""

    size_px: int
    """Side of the square images."""
    mean: tuple[float, float, float] = IMAGENET_MEAN
    std: tuple[float, float, float] = IMAGENET_STD

    def normalize(self, pixels: torch.Tensor) -> torch.Tensor:
        """(N, 3, H, W) uint8 or float 0..255 RGB to normalized float32 of the same shape."""
        mean = torch.tensor(self.mean, device=pixels.device).view(1, 3, 1, 1) * 255
        std = torch.tensor(self.std, device=pixels.device).view(1, 3, 1, 1) * 255
        return (pixels.float() - mean) / std

    def as_dict(self) -> dict[str, Any]:
        """As JSON, to be hashed."""
        return asdict(self)


def create_network(architecture: str) -> "ResNet":
    """The network with random weights and one logit for each Label. Raises ModelRefused."""
    if architecture not in ARCHITECTURES:
        raise ModelRefused(
            f"unknown architecture {architecture!r}, expected one of {', '.join(ARCHITECTURES)}",
            code="unknown_architecture",
        )
    from torchvision import models

    return getattr(models, architecture)(weights=None, num_classes=len(Label))
