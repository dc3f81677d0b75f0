"""A frozen ResNet that describes pictures; the same frame always gets the same description.

Door: torch and torchvision.
"""

import hashlib
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from pushoff.errors import ModelRefused
from pushoff.learning.frame.classifier import ARCHITECTURES, Preprocessing
from pushoff.learning.pretrained import fit_into, initialise

FEATURES = 512
"""Numbers that describe one picture."""
LOWER = 256
"""Numbers that describe its lower part alone: the third stage, finer in place than the last,
averaged over the lower 3/7 of its rows, where the feet are."""


@dataclass(frozen=True)
class Augmentation:
    """One way to look at a whole video."""

    mirrored: bool = False


PLAIN, MIRRORED = Augmentation(), Augmentation(mirrored=True)
"""As filmed, and as if filmed from the other side: near and far leg stay what they are."""
WITH_MIRROR = (PLAIN, MIRRORED)
"""How videos are described, to learn from and to read: two looks at every frame err less than one
(exact-frame F1 on held-out sprint clips)."""


class FeatureExtractor:
    """ResNet18 or 34 without its last layer, never trained: what a picture looks like."""

    def __init__(self, network: nn.Module, architecture: str, initial: str, size_px: int) -> None:
        self.architecture, self.initial, self.size_px = architecture, initial, size_px
        self.network = network.eval().requires_grad_(False)
        self._preprocessing = Preprocessing(size_px)
        self._device = "cuda" if torch.cuda.is_available() else "cpu"
        self.network.to(self._device, memory_format=torch.channels_last)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the weights and the picture size: names everything it ever described."""
        digest = hashlib.sha256(f"{self.architecture} {self.size_px}".encode())
        for name, tensor in sorted(self.network.state_dict().items()):
            digest.update(name.encode())
            digest.update(tensor.cpu().float().numpy().tobytes())
        return digest.hexdigest()

    def describe(self, pictures: np.ndarray, variant: Augmentation) -> np.ndarray:
        """(B, FEATURES + LOWER) float16, the whole then its lower part, of (B, S, S, 3) uint8 RGB
        pictures of this trunk's size."""
        seen = pictures[:, :, ::-1] if variant.mirrored else pictures
        pixels = torch.from_numpy(np.ascontiguousarray(seen.transpose(0, 3, 1, 2)))
        with torch.inference_mode():
            normal = self._preprocessing.normalise(pixels.to(self._device))
            answer = self._described(normal.to(memory_format=torch.channels_last))
        return answer.cpu().numpy().astype(np.float16)

    def _described(self, x: torch.Tensor) -> torch.Tensor:
        net = self.network
        third = net.layer3(net.layer2(net.layer1(net.maxpool(net.relu(net.bn1(net.conv1(x)))))))
        whole = net.fc(net.avgpool(net.layer4(third)).flatten(1))  # (B, 512)
        lower = third[:, :, third.shape[2] * 4 // 7 :].mean(dim=(2, 3))  # (B, 256)
        return torch.cat([whole, lower], dim=1)


def load_feature_extractor(
    architecture: str, weights: str, size_px: int
) -> tuple[FeatureExtractor, str | None]:
    """A trunk with `imagenet`, `none` or a .safetensors file's weights, and a note if they are not
    those asked for. Raises ModelRefused."""
    torch.manual_seed(0)  # random weights are a baseline: the same ones every time
    network = build_network(architecture)
    head = network.fc
    network.fc = nn.Linear(512, 2)  # as the shared loader expects; its numbers are not used
    initial, note = initialise(network, architecture, weights)
    network.fc = head
    return FeatureExtractor(network, architecture, initial, size_px), note


def build_network(architecture: str) -> nn.Module:
    """The bare network, its last layer passing the 512 features on. Raises ModelRefused."""
    if architecture not in ARCHITECTURES:
        raise ModelRefused(f"architecture {architecture!r} is not one of {ARCHITECTURES}")
    from torchvision import models

    network = getattr(models, architecture)(weights=None)
    network.fc = nn.Identity()
    return network


def restore_feature_extractor(
    tensors: dict[str, torch.Tensor], architecture: str, initial: str, size_px: int
) -> FeatureExtractor:
    """The trunk a saved model came with. Raises ModelRefused when the tensors do not fit."""
    network = build_network(architecture)
    fit_into(network, tensors)
    return FeatureExtractor(network, architecture, initial, size_px)
