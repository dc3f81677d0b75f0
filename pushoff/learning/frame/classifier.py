"""The frame model: an image in, the probability of push_off out. Weights always travel with a card.

Door: torch.
"""

import dataclasses
import hashlib
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from safetensors.torch import save as safetensors_bytes
from torch.nn import functional

from pushoff.errors import ModelRefused, StorageFailed
from pushoff.learning.evaluation.calibration import sigmoid
from pushoff.learning.frame.temporal_head import TemporalHeadWeights, pop_temporal_head
from pushoff.learning.backbone.network import Preprocessing, create_network
from pushoff.learning.backbone.pretrained import load_strict, parse_tensors
from pushoff.learning.registry.model_card import NAME as CARD
from pushoff.learning.registry.model_card import card_json, read_card
from pushoff.util.atomic_write import remove_temporary_files, write_atomic
from pushoff.values import Box, Label, ModelCard

if TYPE_CHECKING:
    from torchvision.models import ResNet

CLASSES = tuple(label.choice for label in Label)
_MAX_WEIGHTS_BYTES = 2**30
_BATCH = 32
_SIZES_PX = (32, 512)


def crop_and_resize(image: np.ndarray, box: Box | None, size_px: int) -> np.ndarray:
    """(size, size, 3) uint8 RGB: the square around `box`, moved inside the (H, W, 3) image.

    A square larger than the image is cut to it and stretched; None is the whole image. Nothing is
    padded: black bars would show the network where the image ends.
    """
    height, width = image.shape[:2]
    if box is None:
        x0, y0, x1, y1 = 0, 0, width, height
    else:
        side = max(1, box.width_px, box.height_px)
        x0, x1 = _interval_inside(box.x_px + box.width_px / 2, side, width)
        y0, y1 = _interval_inside(box.y_px + box.height_px / 2, side, height)
    crop = np.ascontiguousarray(image[y0:y1, x0:x1].transpose(2, 0, 1))  # (3, h, w)
    resized = functional.interpolate(
        torch.from_numpy(crop)[None],
        (size_px, size_px),
        mode="bilinear",
        antialias=True,
        align_corners=False,
    )
    return resized[0].permute(1, 2, 0).numpy()


def _interval_inside(centre: float, side: int, length: int) -> tuple[int, int]:
    """The interval of `side` pixels around `centre`, moved into 0 ... `length`."""
    side = min(side, length)
    start = min(max(0, round(centre - side / 2)), length - side)
    return start, start + side


def save_model(
    folder: Path,
    network: "ResNet",
    card: ModelCard,
    temporal: TemporalHeadWeights | None = None,
) -> ModelCard:
    """Write weights and card; returns the card with the weights' SHA-256.

    A kill at any moment leaves the old model or the new one: weights are written under their own
    hash, and the card, which names them, is renamed into place last. Raises StorageFailed.
    """
    state = {
        name: tensor.detach().cpu().contiguous() for name, tensor in network.state_dict().items()
    }
    data = safetensors_bytes(state | (temporal.tensors() if temporal else {}))
    card = dataclasses.replace(card, weights_sha256=hashlib.sha256(data).hexdigest())
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageFailed(f"{folder} cannot be created: {error.strerror or error}") from error
    write_atomic(weights_path(folder, card), data)
    write_card(folder, card)
    for other in folder.glob("weights-*.safetensors"):
        if other != weights_path(folder, card):
            other.unlink(missing_ok=True)
    remove_temporary_files(folder)
    return card


def write_card(folder: Path, card: ModelCard) -> None:
    """Replace the card, for instance once the scorecard is known. Raises StorageFailed."""
    write_atomic(folder / CARD, card_json(card).encode())


def weights_path(folder: Path, card: ModelCard) -> Path:
    """The weights file that a card names."""
    return folder / f"weights-{card.weights_sha256[:16]}.safetensors"


def load_model(folder: Path, device: str | None = None) -> "FrameClassifier":
    """A verified model: hash, names, shapes, finiteness and a self-test. Raises ModelRefused."""
    card = read_card(folder)
    _check_card(folder, card)
    path = weights_path(folder, card)
    try:
        if path.stat().st_size > _MAX_WEIGHTS_BYTES:
            raise ModelRefused(f"{path} is larger than {_MAX_WEIGHTS_BYTES} bytes")
        data = path.read_bytes()
    except OSError as error:
        raise ModelRefused(
            f"{path} cannot be read: {error.strerror or error}", code="unreadable"
        ) from None
    found = hashlib.sha256(data).hexdigest()
    if found != card.weights_sha256:
        raise ModelRefused(
            f"{path}: SHA-256 {found[:12]}, the card says {card.weights_sha256[:12]}",
            code="wrong_hash",
        )
    network = create_network(card.architecture)
    try:
        tensors = parse_tensors(data)
        temporal = pop_temporal_head(tensors, card)
        load_strict(network, tensors)
    except ModelRefused as error:
        raise ModelRefused(f"{path}: {error}", code=error.code) from None
    classifier = FrameClassifier(network, card, device, temporal)
    classifier.self_test()
    return classifier


def _check_card(folder: Path, card: ModelCard) -> None:
    """Raises ModelRefused for a card of another kind of model or with values out of range."""
    low_px, high_px = _SIZES_PX
    if card.classes != CLASSES:
        raise ModelRefused(f"{folder}: classes {card.classes}, expected {CLASSES}")
    if not low_px <= card.size_px <= high_px:
        raise ModelRefused(f"{folder}: size {card.size_px} px, expected {low_px} to {high_px}")
    if not (card.temperature > 0 and card.temporal_temperature > 0 and 0 < card.threshold < 1):
        raise ModelRefused(f"{folder}: temperature or threshold of the card is out of range")
    if not all(value > 0 for value in card.std):
        raise ModelRefused(f"{folder}: std {card.std} must be above 0")
    if not all(digit in "0123456789abcdef" for digit in card.weights_sha256):
        raise ModelRefused(f"{folder}: the card's SHA-256 {card.weights_sha256!r} is not valid")


class FrameClassifier:
    """A loaded frame model. Safe to use from several threads."""

    def __init__(
        self,
        network: "ResNet",
        card: ModelCard,
        device: str | None = None,
        temporal: TemporalHeadWeights | None = None,
    ) -> None:
        """`temporal` is the head that also sees neighbouring frames; None: the card names none."""
        self.card, self.temporal = card, temporal
        self._device = device or ("cuda" if torch.cuda.is_available() else "cpu")
        self.network = network.eval().to(self._device)
        self._preprocessing = Preprocessing(card.size_px, card.mean, card.std)
        self._forward_lock = threading.Lock()  # more threads inside would only share the cores

    def predict(
        self, images: Sequence[np.ndarray], boxes: Sequence[Box | None] | None = None
    ) -> np.ndarray:
        """(N,) float push_off probabilities of upright (H, W, 3) uint8 RGB images.

        `boxes` are the athlete's in each image; None is the whole image.
        """
        boxes = boxes if boxes is not None else [None] * len(images)
        probabilities = [np.zeros(0)]
        for start in range(0, len(images), _BATCH):
            batch = slice(start, start + _BATCH)
            crops = [
                crop_and_resize(image, box, self.card.size_px)
                for image, box in zip(images[batch], boxes[batch], strict=True)
            ]
            probabilities.append(self.predict_crops(np.stack(crops)))
        return np.concatenate(probabilities)

    def predict_crops(self, crops: np.ndarray) -> np.ndarray:
        """(N,) probabilities of (N, size, size, 3) crops made by `crop_and_resize`."""
        logits = self._logits(crops)
        return torch.softmax(logits / self.card.temperature, dim=1)[:, Label.PUSH_OFF].numpy()

    @property
    def offsets_s(self) -> tuple[float, ...]:
        """Times of the features that `predict_from_features` needs, relative to the frame."""
        return self.temporal.offsets_s if self.temporal else (0.0,)

    def predict_from_features(self, features: np.ndarray, known: np.ndarray) -> np.ndarray:
        """(N,) probabilities from stored features.

        `features` (N, K, D) are those at `offsets_s`, `known` (N, K) says which of them exist. A
        frame with an unknown neighbour is predicted by itself. Raises ValueError for a frame whose
        own features are unknown.
        """
        own = self.offsets_s.index(0.0)
        if not known[:, own].all():
            raise ValueError(f"{(~known[:, own]).sum()} frames have no features")
        layer = self.network.fc
        rows = layer.weight.detach().cpu().numpy(), layer.bias.detach().cpu().numpy()
        weight, bias = (row[Label.PUSH_OFF] - row[Label.NOT_PUSH_OFF] for row in rows)
        own_logits = features[:, own].astype(np.float32) @ weight + bias
        logits = own_logits.astype(float) / self.card.temperature
        if self.temporal:
            complete = known.all(axis=1)
            temporal_logits = self.temporal.logits(features[complete])
            logits[complete] = temporal_logits / self.card.temporal_temperature
        return sigmoid(logits)

    def _logits(self, crops: np.ndarray) -> torch.Tensor:
        """(N, 2) float64 on the CPU, before the temperature."""
        pixels = torch.from_numpy(np.ascontiguousarray(crops.transpose(0, 3, 1, 2)))
        with self._forward_lock, torch.inference_mode():
            logits = self.network(self._preprocessing.normalize(pixels.to(self._device)))
        return logits.cpu().double()

    def self_test(self) -> None:
        """Predict two test images. Raises ModelRefused unless that gives two probabilities."""
        size = self.card.size_px
        ramp = np.linspace(0, 255, size * size * 3).reshape(size, size, 3).astype(np.uint8)
        probabilities = self.predict_crops(np.stack([ramp, 255 - ramp]))
        if probabilities.shape != (2,) or not np.isfinite(probabilities).all():
            raise ModelRefused(f"the self-test gave {probabilities}, not two probabilities")
