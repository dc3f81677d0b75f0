"""The frame classifier: pixels in, push_off probability out. Weights never travel without a card.

Door: torch and torchvision.
"""

import dataclasses
import hashlib
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save as safetensors_bytes
from torch import nn
from torch.nn import functional

from pushoff.errors import ModelRefused, StorageFailed
from pushoff.learning.frame.temporal_head import TemporalWeights, take_temporal
from pushoff.learning.pretrained import fit_into, initialise, parse_tensors
from pushoff.learning.registry.model_card import NAME as CARD
from pushoff.learning.registry.model_card import card_json, read_card
from pushoff.util.atomic_write import remove_temporary_files, write_atomic
from pushoff.values import Box, Label, ModelCard

ARCHITECTURES = ("resnet18", "resnet34")
CLASSES = tuple(label.choice for label in Label)
IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
_MAX_WEIGHTS_BYTES = 2**30
_PREDICT_BATCH = 32


@dataclass(frozen=True)
class Preprocessing:
    """The step from an upright RGB image to what the network sees."""

    size_px: int
    mean: tuple[float, float, float] = IMAGENET_MEAN
    std: tuple[float, float, float] = IMAGENET_STD

    def normalise(self, pixels: torch.Tensor) -> torch.Tensor:
        """(N, 3, H, W) uint8 or float 0..255 RGB to normalised float32 of the same shape."""
        mean = torch.tensor(self.mean, device=pixels.device).view(1, 3, 1, 1) * 255
        std = torch.tensor(self.std, device=pixels.device).view(1, 3, 1, 1) * 255
        return (pixels.float() - mean) / std


def crop_and_resize(image: np.ndarray, box: Box | None, size_px: int) -> np.ndarray:
    """(size, size, 3) uint8 RGB: the square around `box`, moved inside the (H, W, 3) image.

    A square larger than the image is cut to it and stretched; None is the whole image. Nothing is
    padded: black bars would tell the network where the picture ends.
    """
    height, width = image.shape[:2]
    if box is None:
        x0, y0, x1, y1 = 0, 0, width, height
    else:
        side = max(1, box.width_px, box.height_px)
        x0, x1 = _inside(box.x_px + box.width_px / 2, side, width)
        y0, y1 = _inside(box.y_px + box.height_px / 2, side, height)
    crop = np.ascontiguousarray(image[y0:y1, x0:x1].transpose(2, 0, 1))  # (3, h, w)
    resized = functional.interpolate(
        torch.from_numpy(crop)[None],
        (size_px, size_px),
        mode="bilinear",
        antialias=True,
        align_corners=False,
    )
    return resized[0].permute(1, 2, 0).numpy()


def _inside(centre: float, side: int, length: int) -> tuple[int, int]:
    side = min(side, length)
    start = min(max(0, round(centre - side / 2)), length - side)
    return start, start + side


def create_network(architecture: str) -> nn.Module:
    """The network with two outputs, (not_push_off, push_off) logits. Raises ModelRefused."""
    if architecture not in ARCHITECTURES:
        raise ModelRefused(f"architecture {architecture!r} is not one of {ARCHITECTURES}")
    from torchvision import models

    return getattr(models, architecture)(weights=None, num_classes=len(CLASSES))


def build_network(architecture: str, weights: str) -> tuple[nn.Module, str, str | None]:
    """A network to train: with its initial weights' name and a note if they are not those asked
    for. `weights` is `imagenet`, `none` or a .safetensors file. Raises ModelRefused."""
    network = create_network(architecture)
    initial, note = initialise(network, architecture, weights)
    return network, initial, note


def save_model(
    folder: Path,
    network: nn.Module,
    card: ModelCard,
    temporal: TemporalWeights | None = None,
) -> ModelCard:
    """Write weights and card; the card is returned with the weights' SHA-256.

    A kill at any moment leaves the old model or the new: weights are written under their own hash,
    the card, renamed last, says which they are. Raises StorageFailed.
    """
    state = {name: one.detach().cpu().contiguous() for name, one in network.state_dict().items()}
    data = safetensors_bytes(state | (temporal.tensors() if temporal else {}))
    card = dataclasses.replace(card, weights_sha256=hashlib.sha256(data).hexdigest())
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageFailed(f"{folder} could not be made: {error.strerror or error}") from error
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
    """The weights file a card means."""
    return folder / f"weights-{card.weights_sha256[:16]}.safetensors"


def load_model(folder: Path, device: str | None = None) -> "FrameClassifier":
    """A proven model: hash, names, shapes, finiteness and a smoke run. Raises ModelRefused."""
    card = read_card(folder)
    if card.classes != CLASSES:
        raise ModelRefused(f"{folder}: classes {card.classes}, expected {CLASSES}")
    if not (
        32 <= card.size_px <= 512
        and card.temperature > 0
        and card.temporal_temperature > 0
        and 0 < card.threshold < 1
    ):
        raise ModelRefused(f"{folder}: size, temperature or threshold of the card is out of range")
    if len(card.mean) != 3 or len(card.std) != 3 or not all(one > 0 for one in card.std):
        raise ModelRefused(f"{folder}: mean and std must be three numbers each, std above 0")
    if not all(one in "0123456789abcdef" for one in card.weights_sha256):
        raise ModelRefused(f"{folder}: the card's SHA-256 is not one")
    path = weights_path(folder, card)
    try:
        if path.stat().st_size > _MAX_WEIGHTS_BYTES:
            raise ModelRefused(f"{path} is larger than such a network can be")
        data = path.read_bytes()
    except OSError as error:
        raise ModelRefused(f"{path} cannot be read: {error.strerror or error}") from None
    found = hashlib.sha256(data).hexdigest()
    if found != card.weights_sha256:
        raise ModelRefused(
            f"{path}: SHA-256 {found[:12]}, the card says {card.weights_sha256[:12]}"
        )
    network = create_network(card.architecture)
    try:
        tensors = parse_tensors(data)
        temporal = take_temporal(tensors, card)
        fit_into(network, tensors)
    except ModelRefused as error:
        raise ModelRefused(f"{path}: {error}") from None
    classifier = FrameClassifier(network, card, device, temporal)
    classifier.smoke()
    return classifier


class FrameClassifier:
    """A network ready to answer. Safe to use from several threads."""

    def __init__(
        self,
        network: nn.Module,
        card: ModelCard,
        device: str | None = None,
        temporal: TemporalWeights | None = None,
    ) -> None:
        """`temporal`: the head that sees neighbouring frames, too; None: the card names none."""
        self.card, self.temporal = card, temporal
        self._device = device or ("cuda" if torch.cuda.is_available() else "cpu")
        self.network = network.eval().to(self._device)
        self._preprocessing = Preprocessing(card.size_px, card.mean, card.std)
        self._one_at_a_time = threading.Lock()  # more threads inside would only share the cores

    def predict(
        self, images: Sequence[np.ndarray], boxes: Sequence[Box | None] | None = None
    ) -> np.ndarray:
        """(N,) float push_off probabilities of upright (H, W, 3) uint8 RGB images.

        `boxes` says where the athlete is in each; None is the whole image.
        """
        boxes = boxes if boxes is not None else [None] * len(images)
        answers = [np.zeros(0)]
        for start in range(0, len(images), _PREDICT_BATCH):
            part = slice(start, start + _PREDICT_BATCH)
            crops = np.stack(
                [
                    crop_and_resize(image, box, self.card.size_px)
                    for image, box in zip(images[part], boxes[part], strict=True)
                ]
            )
            answers.append(self.predict_crops(crops))
        return np.concatenate(answers)

    def predict_crops(self, crops: np.ndarray) -> np.ndarray:
        """(N,) probabilities of crops already made by `crop_and_resize`, (N, size, size, 3)."""
        logits = self._logits(crops)
        return torch.softmax(logits / self.card.temperature, dim=1)[:, Label.PUSH_OFF].numpy()

    @property
    def offsets_s(self) -> tuple[float, ...]:
        """Where in time, seen from a frame, the features lie that `judge` wants."""
        return self.temporal.offsets_s if self.temporal else (0.0,)

    def judge(self, features: np.ndarray, known: np.ndarray) -> np.ndarray:
        """(N,) probabilities from kept features, (N, K, D) at `offsets_s`, (N, K) known.

        A frame whose neighbours are not all known is judged by itself. Raises ValueError for one
        that is not known either.
        """
        here = self.offsets_s.index(0.0)
        if not known[:, here].all():
            raise ValueError(f"{(~known[:, here]).sum()} frames have no features")
        layer = self.network.fc
        rows = layer.weight.detach().cpu().numpy(), layer.bias.detach().cpu().numpy()
        weight, bias = (row[Label.PUSH_OFF] - row[Label.NOT_PUSH_OFF] for row in rows)
        alone = features[:, here].astype(np.float32) @ weight + bias
        logits = alone.astype(float) / self.card.temperature
        if self.temporal:
            whole = known.all(axis=1)
            logits[whole] = self.temporal.logits(features[whole]) / self.card.temporal_temperature
        return 1 / (1 + np.exp(-np.clip(logits, -60, 60)))

    def _logits(self, crops: np.ndarray) -> torch.Tensor:
        """(N, 2) float64 on the CPU, before the temperature."""
        pixels = torch.from_numpy(np.ascontiguousarray(crops.transpose(0, 3, 1, 2)))
        with self._one_at_a_time, torch.inference_mode():
            answer = self.network(self._preprocessing.normalise(pixels.to(self._device)))
        return answer.cpu().double()

    def smoke(self) -> None:
        """Answer two test pictures. Raises ModelRefused unless that gives two probabilities."""
        size = self.card.size_px
        ramp = np.linspace(0, 255, size * size * 3).reshape(size, size, 3).astype(np.uint8)
        answer = self.predict_crops(np.stack([ramp, 255 - ramp]))
        if answer.shape != (2,) or not np.isfinite(answer).all():
            raise ModelRefused(f"the smoke run gave {answer}, not two probabilities")
