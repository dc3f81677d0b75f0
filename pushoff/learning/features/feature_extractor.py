"""A frozen ResNet that turns images into feature vectors; the same image always gives the same one.

Features are stored (`pushoff.storage.feature_store`,
`pushoff.learning.features.extract_features`), so that heads are fitted and pools scored without
decoding a video again. Door: torch.
"""

import hashlib
import threading
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import torch

from pushoff.learning.backbone.network import FEATURES, Preprocessing, create_network
from pushoff.learning.backbone.pretrained import build_network, load_strict
from pushoff.util.canonical_json import canonical_json

if TYPE_CHECKING:
    from torchvision.models import ResNet


LOWER_FEATURES = 256
"""Further features of an image's lower part: the third stage, finer in place than the last,
averaged over the lower 3/7 of its rows, where the feet are."""
BATCH = 64
"""Images per pass of the network."""


@dataclass(frozen=True)
class Augmentation:
    """A change of a whole video before its features are extracted."""

    mirrored: bool = False


PLAIN, MIRRORED = Augmentation(), Augmentation(mirrored=True)
"""As filmed, and as if filmed from the other side: near and far leg stay what they are."""
WITH_MIRROR = (PLAIN, MIRRORED)
"""Used in training and in analysis: averaging over both has a smaller error than one
(exact-frame F1 on held-out sprint clips)."""


class FeatureExtractor:
    """A ResNet without its last layer. Safe to use from several threads."""

    def __init__(
        self,
        network: "ResNet",
        architecture: str,
        preprocessing: Preprocessing,
        initial_weights: str,
    ) -> None:
        """`network` is used where it is; its last layer is ignored.

        `initial_weights` says where its training began: `imagenet`, `file:<name>` or `random`.
        """
        self.network = network.eval()
        self.architecture, self.initial_weights = architecture, initial_weights
        self.preprocessing = preprocessing
        self._device = next(network.parameters()).device
        self._forward_lock = threading.Lock()  # more threads inside would only share the cores

    @property
    def size_px(self) -> int:
        """Side of the images it expects."""
        return self.preprocessing.size_px

    def state_dict(self) -> dict[str, torch.Tensor]:
        """The weights, without the last layer's."""
        state = self.network.state_dict()
        return {name: tensor for name, tensor in state.items() if not name.startswith("fc.")}

    @cached_property
    def fingerprint(self) -> str:
        """16 hex digits of the SHA-256 of weights and preprocessing: the key of its features."""
        description = {
            "architecture": self.architecture,
            "preprocessing": self.preprocessing.as_dict(),
        }
        digest = hashlib.sha256(canonical_json(description))
        for name, tensor in sorted(self.state_dict().items()):
            digest.update(name.encode())
            digest.update(tensor.cpu().contiguous().numpy().tobytes())
        return digest.hexdigest()[:16]

    def extract(self, images: np.ndarray, augmentation: Augmentation = PLAIN) -> np.ndarray:
        """(N, FEATURES) float16 of (N, S, S, 3) uint8 RGB images of this extractor's size.

        Half precision changes a probability by less than 0.001.
        """
        return self.extract_with_lower(images, augmentation)[:, :FEATURES]

    def extract_with_lower(self, images: np.ndarray, augmentation: Augmentation) -> np.ndarray:
        """(N, FEATURES + LOWER_FEATURES) float16: the whole images, then their lower parts."""
        if augmentation.mirrored:
            images = images[:, :, ::-1]
        batches = [np.zeros((0, FEATURES + LOWER_FEATURES), np.float16)]
        for start in range(0, len(images), BATCH):
            batch = np.ascontiguousarray(images[start : start + BATCH].transpose(0, 3, 1, 2))
            with self._forward_lock, torch.inference_mode():
                features = self._forward(torch.from_numpy(batch).to(self._device))
            batches.append(features.cpu().numpy().astype(np.float16))
        return np.concatenate(batches)

    def _forward(self, pixels: torch.Tensor) -> torch.Tensor:
        net = self.network
        x = self.preprocessing.normalize(pixels).to(memory_format=torch.channels_last)
        x = net.maxpool(net.relu(net.bn1(net.conv1(x))))
        third = net.layer3(net.layer2(net.layer1(x)))  # (N, 256, S/16, S/16)
        whole = net.avgpool(net.layer4(third)).flatten(1)  # (N, 512)
        lower = third[:, :, third.shape[2] * 4 // 7 :].mean(dim=(2, 3))  # (N, 256)
        return torch.cat([whole, lower], dim=1)


def load_feature_extractor(
    architecture: str, weights: str, size_px: int
) -> tuple[FeatureExtractor, str | None]:
    """An untrained extractor with `imagenet`, `none` or a .safetensors file's weights.

    Also returns a note if the weights are not those asked for. Random weights are the same ones
    every time. Raises ModelRefused.
    """
    torch.manual_seed(0)
    network, initial_weights, note = build_network(architecture, weights)
    extractor = FeatureExtractor(
        _on_device(network, None), architecture, Preprocessing(size_px), initial_weights
    )
    return extractor, note


def extractor_of_network(
    network: "ResNet", architecture: str, size_px: int, initial_weights: str
) -> FeatureExtractor:
    """The extractor of a network that was just trained; its last layer is ignored."""
    return FeatureExtractor(
        _on_device(network, None), architecture, Preprocessing(size_px), initial_weights
    )


def restore_feature_extractor(
    tensors: dict[str, torch.Tensor],
    architecture: str,
    initial_weights: str,
    size_px: int,
    device: str | None = None,
) -> FeatureExtractor:
    """The extractor that a model was saved with, on `device` (None: the best there is).

    Raises ModelRefused when a tensor does not fit.
    """
    network = create_network(architecture)
    load_strict(network, tensors, without_head=True)
    return FeatureExtractor(
        _on_device(network, device), architecture, Preprocessing(size_px), initial_weights
    )


def _on_device(network: "ResNet", device: str | None) -> "ResNet":
    device = device or ("cuda" if torch.cuda.is_available() else "cpu")
    return network.requires_grad_(False).to(device, memory_format=torch.channels_last)
