"""A model's folder: a safetensors file with the settings in its metadata, and a card.

Door: safetensors.
"""

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from pydantic import TypeAdapter
from safetensors import SafetensorError, safe_open
from safetensors.torch import save as safetensors_bytes

from pushoff.errors import BadInput, ModelRefused, StorageFailed
from pushoff.learning.backbone.network import FEATURES
from pushoff.learning.backbone.pretrained import load_strict
from pushoff.learning.features.feature_extractor import restore_feature_extractor
from pushoff.learning.features.video_features import VIEWS
from pushoff.learning.model.held_out_predictions import from_arrays
from pushoff.learning.model.model import PushOffModel
from pushoff.learning.model.out_of_distribution import COMPARED_VIEW, NoveltyDetector
from pushoff.learning.model.picture_head import PictureHead
from pushoff.learning.model.sequence_head import SequenceHead, SequenceSettings
from pushoff.learning.model.temporal_head import HeadShape, TemporalHead, head_shape
from pushoff.learning.registry.model_card import NAME as CARD
from pushoff.learning.registry.model_card import card_json, read_card
from pushoff.util.atomic_write import remove_temporary_files, write_atomic
from pushoff.util.file_digest import sha256_of
from pushoff.util.json_input import parse_object, validate
from pushoff.values import ModelCard

FORMAT = 5
"""Version of tensors and settings; a file of another format is refused."""
_SIZES_PX = (32, 512)
_EXTRACTOR, _HEAD, _PICTURE, _NOVELTY = "extractor.", "head", "picture.", "novelty."
_HELD_OUT = "held_out."


@dataclass(frozen=True)
class _Settings:
    """Everything of a model that is neither a tensor nor on the card."""

    sequence: SequenceSettings | None
    trained_on: tuple[str, ...]
    backbone_saw: tuple[str, ...]


_SETTINGS = TypeAdapter(_Settings)


def save_model(folder: Path, model: PushOffModel) -> ModelCard:
    """Write weights, settings inside them, and the card, which is returned with their SHA-256.

    A kill at any moment leaves the old model or the new one: weights are written under their own
    hash, and the card, which names them, is renamed into place last. Raises StorageFailed.
    """
    settings = _Settings(
        sequence=model.sequence.settings if model.sequence else None,
        trained_on=tuple(sorted(model.trained_on)),
        backbone_saw=tuple(sorted(model.backbone_saw)),
    )
    content = {"format": FORMAT, **_SETTINGS.dump_python(settings, mode="json")}
    data = safetensors_bytes(
        _tensors(model), metadata={"settings": json.dumps(content, sort_keys=True)}
    )
    card = dataclasses.replace(model.card, weights_sha256=hashlib.sha256(data).hexdigest())
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


def load_model(folder: Path, device: str | None = None) -> PushOffModel:
    """A verified model: hash, names, shapes, numbers and a self-test. Raises ModelRefused.

    `device` is `cpu`, `cuda` or None for the best there is.
    """
    card = read_card(folder)
    _check_card(folder, card)
    path = weights_path(folder, card)
    try:
        found = sha256_of(path)
    except BadInput as error:
        raise ModelRefused(str(error), code="unreadable") from None
    if found != card.weights_sha256:
        raise ModelRefused(
            f"{path}: SHA-256 {found[:12]}, the card says {card.weights_sha256[:12]}",
            code="wrong_hash",
        )
    try:
        with safe_open(path, "pt") as file:
            text = (file.metadata() or {}).get("settings", "")
            tensors = {name: file.get_tensor(name) for name in file.keys()}
        model = _assemble(_parse_settings(text), tensors, card, device)
    except ModelRefused as error:
        raise ModelRefused(f"{path}: {error}", code=error.code) from None
    except (SafetensorError, RuntimeError, KeyError, IndexError, TypeError, ValueError) as error:
        raise ModelRefused(f"{path} is not a usable model ({error!r})") from None
    _self_test(model)
    return model


def _tensors(model: PushOffModel) -> dict[str, torch.Tensor]:
    tensors = _prefixed(_EXTRACTOR, model.extractor.state_dict())
    for number, head in enumerate(model.sequence.heads if model.sequence else ()):
        tensors |= _prefixed(f"{_HEAD}{number}.", head.state_dict())
    detector, picture = model.novelty_detector, model.picture
    limits = [
        np.nan if limit is None else limit for limit in (detector.limit, detector.frame_limit)
    ]
    arrays = {
        _PICTURE + "weight": np.asarray(picture.weight, np.float32),
        _PICTURE + "bias": np.array([picture.bias], np.float32),
        _NOVELTY + "frames": detector.frames,
        _NOVELTY + "pictures": detector.pictures,
        _NOVELTY + "limits": np.array(limits, np.float64),
    }
    arrays |= {_HELD_OUT + name: array for name, array in model.held_out.arrays().items()}
    return tensors | {
        name: torch.from_numpy(np.ascontiguousarray(array)) for name, array in arrays.items()
    }


def _check_card(folder: Path, card: ModelCard) -> None:
    """Raises ModelRefused for a card with values out of range."""
    low_px, high_px = _SIZES_PX
    if not low_px <= card.size_px <= high_px:
        raise ModelRefused(f"{folder}: size {card.size_px} px, expected {low_px} to {high_px}")
    if not all(value > 0 for value in card.std):
        raise ModelRefused(f"{folder}: std {card.std} must be above 0")
    if not all(digit in "0123456789abcdef" for digit in card.weights_sha256):
        raise ModelRefused(f"{folder}: the card's SHA-256 {card.weights_sha256!r} is not valid")


def _parse_settings(text: str) -> _Settings:
    """Settings from the weights file's metadata. Raises ModelRefused."""
    content = parse_object(text, "the settings", ModelRefused)
    found = content.pop("format", None)
    if found != FORMAT:
        raise ModelRefused(
            f"the model has format {found!r}; this version reads format {FORMAT}.",
            remedy="Train it again with `pushoff retrain` or `pushoff train`.",
        )
    settings = validate(_SETTINGS, content, "the settings", ModelRefused, exact=True)
    if settings.sequence:
        _check_ranges(settings.sequence)
    return settings


def _check_ranges(settings: SequenceSettings) -> None:
    """Raises ModelRefused for the first value that no training writes."""
    head_views = settings.head_views
    if not head_views or not set(head_views) <= set(VIEWS):
        raise ModelRefused(f"unknown views {head_views}, expected some of {tuple(VIEWS)}")
    if not all(0 <= prior < 1 for prior in settings.priors):
        raise ModelRefused(f"invalid priors {settings.priors}, expected 0 to 1")
    if settings.width < 1 or any(dilation < 1 for dilation in settings.dilations):
        raise ModelRefused(f"invalid width {settings.width} or dilations {settings.dilations}")
    if not 0 <= settings.rules_weight <= 1:
        raise ModelRefused(f"invalid weight of the rules {settings.rules_weight}, expected 0 to 1")
    if not 0 <= settings.spread_ms < 1e4:
        raise ModelRefused(f"invalid timing spread of {settings.spread_ms} ms")


def _assemble(
    settings: _Settings, tensors: dict[str, torch.Tensor], card: ModelCard, device: str | None
) -> PushOffModel:
    """Raises ModelRefused, KeyError, RuntimeError, ValueError."""
    sequence = None
    if settings.sequence:
        shape = settings.sequence
        heads = [
            _head(
                head_shape(view, shape.width, shape.dilations),
                _without_prefix(f"{_HEAD}{number}.", tensors),
            )
            for number, view in enumerate(shape.head_views)
        ]
        sequence = SequenceHead(heads, shape)
    held_out = _without_prefix(_HELD_OUT, tensors)
    return PushOffModel(
        card=card,
        extractor=restore_feature_extractor(
            _without_prefix(_EXTRACTOR, tensors),
            card.architecture,
            card.initial_weights,
            card.size_px,
            device,
        ),
        picture=_picture_head(_without_prefix(_PICTURE, tensors)),
        sequence=sequence,
        novelty_detector=_novelty_detector(_without_prefix(_NOVELTY, tensors)),
        trained_on=frozenset(settings.trained_on),
        backbone_saw=frozenset(settings.backbone_saw),
        held_out=from_arrays({name: tensor.numpy() for name, tensor in held_out.items()}),
    )


def _head(shape: HeadShape, tensors: dict[str, torch.Tensor]) -> TemporalHead:
    """Raises ModelRefused, before any memory is allocated, when the tensors have another shape."""
    if tuple(tensors["input.weight"].shape) != (shape.width, shape.components):
        raise ModelRefused("The temporal head in the weights does not match the settings.")
    head = TemporalHead(shape)
    load_strict(head, tensors)
    return head


def _picture_head(tensors: dict[str, torch.Tensor]) -> PictureHead:
    """Raises ModelRefused, KeyError."""
    weight, bias = tensors["weight"], tensors["bias"]
    if weight.shape != (FEATURES,) or bias.shape != (1,):
        raise ModelRefused("The picture head in the weights does not match the backbone.")
    if not (torch.isfinite(weight).all() and torch.isfinite(bias).all()):
        raise ModelRefused("the picture head contains NaN or infinite values")
    return PictureHead(weight.numpy(), float(bias))


def _novelty_detector(tensors: dict[str, torch.Tensor]) -> NoveltyDetector:
    """Raises ModelRefused, KeyError, ValueError."""
    frames, pictures = tensors["frames"], tensors["pictures"]
    limits = [None if np.isnan(limit) else float(limit) for limit in tensors["limits"].numpy()]
    for known in (frames, pictures):
        shape_fits = known.dtype == torch.float16 and known.shape[1:] == (VIEWS[COMPARED_VIEW],)
        if not shape_fits or not torch.isfinite(known).all():
            raise ModelRefused("invalid novelty features")
    if len(limits) != 2 or not all(limit is None or 0 <= limit < 1e6 for limit in limits):
        raise ModelRefused(f"invalid novelty limits {limits}")
    limit, frame_limit = limits
    if (limit is not None and not len(frames)) or (
        frame_limit is not None and not len(frames) + len(pictures)
    ):
        raise ModelRefused("a novelty limit without novelty features")
    return NoveltyDetector(frames.numpy(), limit, frame_limit, pictures.numpy())


def _self_test(model: PushOffModel) -> None:
    """Predict two test images. Raises ModelRefused unless that gives two probabilities."""
    size = model.card.size_px
    ramp = np.linspace(0, 255, size * size * 3).reshape(size, size, 3).astype(np.uint8)
    probabilities = model.predict_pictures(np.stack([ramp, 255 - ramp]))
    if probabilities.shape != (2,) or not np.isfinite(probabilities).all():
        raise ModelRefused(f"the self-test gave {probabilities}, not two probabilities")


def _prefixed(prefix: str, tensors: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {
        f"{prefix}{name}": tensor.detach().cpu().contiguous() for name, tensor in tensors.items()
    }


def _without_prefix(prefix: str, tensors: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {
        name.removeprefix(prefix): tensor
        for name, tensor in tensors.items()
        if name.startswith(prefix)
    }
