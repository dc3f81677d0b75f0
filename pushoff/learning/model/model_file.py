"""An event model's folder: a safetensors file with the settings in its metadata, and a card.

Door: safetensors.
"""

import dataclasses
import hashlib
import json
from pathlib import Path

import torch
from pydantic import TypeAdapter
from safetensors import SafetensorError, safe_open
from safetensors.torch import save as safetensors_bytes

from pushoff.errors import BadInput, ModelRefused, StorageFailed
from pushoff.learning.model.sequence_head import EventModel, EventModelSettings
from pushoff.learning.model.out_of_distribution import COMPARED_VIEW, NoveltyDetector
from pushoff.learning.model.temporal_head import OUTPUTS, HeadShape, TemporalHead, head_shape
from pushoff.learning.features.video_features import VIEWS
from pushoff.learning.features.feature_extractor import restore_feature_extractor
from pushoff.learning.frame.classifier import weights_path, write_card
from pushoff.learning.backbone.pretrained import load_strict
from pushoff.learning.registry.model_card import read_card
from pushoff.util.atomic_write import write_atomic
from pushoff.util.file_digest import sha256_of
from pushoff.util.json_input import parse_object, validate
from pushoff.values import ModelCard

FORMAT = 4
"""Version of tensors and settings; a file of another format is refused."""
_SCORE_KEYS = frozenset({"clips", "f1", "tolerance_frames", "truth", "per_clip"})
"""Keys of a held-out score that a report or the next training reads."""
_EXTRACTOR, _NOVELTY = "extractor.", "novelty."
_SETTINGS = TypeAdapter(EventModelSettings)


def save_event_model(folder: Path, model: EventModel, card: ModelCard) -> ModelCard:
    """Write weights, settings inside them, and the card, which is returned with their SHA-256.

    Raises StorageFailed.
    """
    tensors = _prefixed(_EXTRACTOR, model.extractor.state_dict())
    for number, head in enumerate(model.heads):
        tensors |= _prefixed(f"head{number}.", head.state_dict())
    detector = model.novelty_detector
    tensors |= _prefixed(
        _NOVELTY,
        {
            "frames": torch.from_numpy(detector.frames),
            "limit": torch.tensor([] if detector.limit is None else [detector.limit]),
        },
    )
    content = {"format": FORMAT, **dataclasses.asdict(model.settings)}
    metadata = {"settings": json.dumps(content, sort_keys=True)}
    data = safetensors_bytes(tensors, metadata=metadata)
    card = dataclasses.replace(card, weights_sha256=hashlib.sha256(data).hexdigest())
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageFailed(f"{folder} cannot be created: {error.strerror or error}") from error
    write_atomic(weights_path(folder, card), data)
    write_card(folder, card)
    return card


def load_event_model(folder: Path) -> EventModel:
    """A verified event model: hash, names, shapes, numbers. Raises ModelRefused."""
    card = read_card(folder)
    if card.classes != OUTPUTS:
        raise ModelRefused(
            f"{folder.name} is a frame model, not an event model.",
            code="not_an_event_model",
            remedy="Train an event model with `pushoff train --clips DIR`.",
        )
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
        return _assemble(parse_settings(text), tensors, card)
    except ModelRefused as error:
        raise ModelRefused(f"{path}: {error}", code=error.code) from None
    except (SafetensorError, RuntimeError, KeyError, IndexError) as error:
        raise ModelRefused(f"{path} is not a usable event model ({error!r})") from None


def parse_settings(text: str) -> EventModelSettings:
    """Settings from the weights file's metadata. Raises ModelRefused."""
    content = parse_object(text, "the settings", ModelRefused)
    found = content.pop("format", None)
    if found != FORMAT:
        raise ModelRefused(
            f"the event model has format {found!r}; this version reads format {FORMAT}.",
            remedy="Train it again with `pushoff train`.",
        )
    settings = validate(_SETTINGS, content, "the settings", ModelRefused, exact=True)
    _check_ranges(settings)
    return settings


def _check_ranges(settings: EventModelSettings) -> None:
    """Raises ModelRefused for the first value that no training writes."""
    head_views, held_out = settings.head_views, settings.held_out
    if not head_views or not set(head_views) <= set(VIEWS):
        raise ModelRefused(f"unknown views {head_views}, expected some of {tuple(VIEWS)}")
    if not all(0 <= prior < 1 for prior in settings.priors):
        raise ModelRefused(f"invalid priors {settings.priors}, expected 0 to 1")
    if settings.width < 1 or any(dilation < 1 for dilation in settings.dilations):
        raise ModelRefused(f"invalid width {settings.width} or dilations {settings.dilations}")
    if not 0 <= settings.spread_ms < 1e4:
        raise ModelRefused(f"invalid timing spread of {settings.spread_ms} ms")
    if held_out and not held_out.keys() >= _SCORE_KEYS:
        raise ModelRefused(f"the held-out score lacks {sorted(_SCORE_KEYS - held_out.keys())}")


def _assemble(
    settings: EventModelSettings, tensors: dict[str, torch.Tensor], card: ModelCard
) -> EventModel:
    """Raises ModelRefused, KeyError, RuntimeError."""
    extractor = restore_feature_extractor(
        _without_prefix(_EXTRACTOR, tensors), card.architecture, card.initial_weights, card.size_px
    )
    heads = [
        _head(
            head_shape(view, settings.width, settings.dilations),
            _without_prefix(f"head{number}.", tensors),
        )
        for number, view in enumerate(settings.head_views)
    ]
    detector = _novelty_detector(_without_prefix(_NOVELTY, tensors))
    return EventModel(extractor, heads, settings, detector)


def _head(shape: HeadShape, tensors: dict[str, torch.Tensor]) -> TemporalHead:
    """Raises ModelRefused, before any memory is allocated, when the tensors have another shape."""
    if tuple(tensors["input.weight"].shape) != (shape.width, shape.inputs):
        raise ModelRefused("The temporal head in the weights does not match the model card.")
    head = TemporalHead(shape)
    load_strict(head, tensors)
    return head


def _novelty_detector(tensors: dict[str, torch.Tensor]) -> NoveltyDetector:
    """Raises ModelRefused, KeyError."""
    frames, limits = tensors["frames"], tensors["limit"].tolist()
    shape_fits = frames.dtype == torch.float16 and frames.shape[1:] == (VIEWS[COMPARED_VIEW],)
    if not shape_fits or not torch.isfinite(frames).all():
        raise ModelRefused("invalid novelty features")
    if len(limits) > 1 or not all(0 <= limit < 1e6 for limit in limits):
        raise ModelRefused(f"invalid novelty threshold {limits}")
    if limits and not len(frames):
        raise ModelRefused("a novelty threshold without novelty features")
    return NoveltyDetector(frames.numpy(), limits[0] if limits else None)


def _prefixed(prefix: str, tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {
        f"{prefix}{name}": tensor.detach().cpu().contiguous() for name, tensor in tensors.items()
    }


def _without_prefix(prefix: str, tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {
        name.removeprefix(prefix): tensor
        for name, tensor in tensors.items()
        if name.startswith(prefix)
    }
