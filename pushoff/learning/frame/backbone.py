"""A frame model without its last layer: what a picture of the athlete looks like, in numbers.

Descriptions are kept (`pushoff.storage.feature_store`), so a head is fitted and a pool scored without
a picture being seen again. Door: torch.
"""

import hashlib
import threading
from functools import cached_property

import numpy as np
import torch
from torch import nn

from pushoff.learning.frame.classifier import FrameClassifier, Preprocessing, build_network

WIDTH = 512
"""Features of one picture, ResNet18 and 34 alike."""
BATCH = 64


class Backbone:
    """A ResNet up to its last layer. Safe to use from several threads."""

    def __init__(
        self, network: nn.Module, architecture: str, preprocessing: Preprocessing, initial: str
    ) -> None:
        """`network` keeps its last layer, which is not used; `initial`: where its weights began."""
        self.architecture, self.initial = architecture, initial
        self.preprocessing = preprocessing
        self.network = network.eval()
        self._device = next(network.parameters()).device
        self._one_at_a_time = threading.Lock()

    @cached_property
    def key(self) -> str:
        """16 hex digits of the SHA-256 of weights and preprocessing: names what it described."""
        digest = hashlib.sha256(f"{self.architecture} {self.preprocessing}".encode())
        for name, tensor in sorted(self.network.state_dict().items()):
            if not name.startswith("fc."):
                digest.update(name.encode())
                digest.update(tensor.cpu().contiguous().numpy().tobytes())
        return digest.hexdigest()[:16]

    def describe(self, crops: np.ndarray) -> np.ndarray:
        """(N, WIDTH) float16 of (N, S, S, 3) uint8 RGB crops of this backbone's size."""
        parts = [np.zeros((0, WIDTH), np.float16)]
        for start in range(0, len(crops), BATCH):
            part = np.ascontiguousarray(crops[start : start + BATCH].transpose(0, 3, 1, 2))
            pixels = torch.from_numpy(part)
            with self._one_at_a_time, torch.inference_mode():
                normal = self.preprocessing.normalise(pixels.to(self._device))
                answer = self._features(normal.to(memory_format=torch.channels_last))
            # half precision: rounding moves a probability by less than 0.001 (tests)
            parts.append(answer.cpu().numpy().astype(np.float16))
        return np.concatenate(parts)

    def _features(self, x: torch.Tensor) -> torch.Tensor:
        net = self.network
        x = net.maxpool(net.relu(net.bn1(net.conv1(x))))
        x = net.layer4(net.layer3(net.layer2(net.layer1(x))))
        return net.avgpool(x).flatten(1)


def backbone_of(model: FrameClassifier) -> Backbone:
    """The backbone a frame model looks with."""
    card = model.card
    preprocessing = Preprocessing(card.size_px, card.mean, card.std)
    return Backbone(model.network, card.architecture, preprocessing, card.initial_weights)


def initial_backbone(architecture: str, weights: str, size_px: int) -> Backbone:
    """The backbone before any training: `weights` is `imagenet`, `none` or a .safetensors file.

    Random weights are the same ones every time. Raises ModelRefused.
    """
    torch.manual_seed(0)
    network, initial, _ = build_network(architecture, weights)
    return Backbone(network, architecture, Preprocessing(size_px), initial)
