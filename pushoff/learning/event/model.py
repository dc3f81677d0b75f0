"""The event model: a frozen trunk, temporal heads, a decoder; a video in, push-offs out.

Door: torch and safetensors.
"""

import dataclasses
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save as safetensors_bytes

from pushoff.errors import BadInput, ModelRefused, StorageFailed
from pushoff.events.spotting import FrameScores, SpottingConfig, spot_events
from pushoff.events.values import Direction, Foot, PushOffEvent
from pushoff.learning.event.feature_extractor import FeatureExtractor, restore_feature_extractor
from pushoff.learning.event.out_of_distribution import NOTHING, VIEW, NoveltyDetector
from pushoff.learning.event.prior_shift import CURVES, adjust_to_prior
from pushoff.learning.event.temporal_head import OUTPUTS, HeadShape, TemporalHead, head_shape
from pushoff.learning.event.video_features import VIEWS, VideoFeatures
from pushoff.learning.frame.classifier import weights_path, write_card
from pushoff.learning.pretrained import fit_into
from pushoff.learning.registry.model_card import read_card
from pushoff.util.atomic_write import write_atomic
from pushoff.values import ModelCard

FORMAT = 3
_LOGIT = 9.2
"""No head is believed further than this, 1 in 10,000: one sure head must not outvote the rest."""
_SCORED = frozenset({"clips", "f1", "tolerance_frames", "truth", "per_clip"})
"""What a report or the next training reads out of a held-out score."""


@dataclass(frozen=True)
class Confidence:
    """From how clear an event looked to how often such events are right: a logistic curve."""

    slope: float = 1.0
    level: float = 0.0
    measured_on: str = ""
    """The clips it was learnt on while they were held out, and their footage."""

    def of(self, clearness: float) -> float:
        """Probability that an event of this clearness, 0 to 1, is right."""
        p = min(max(clearness, 1e-3), 1 - 1e-3)
        logit = self.slope * np.log(p / (1 - p)) + self.level
        return float(np.clip(1 / (1 + np.exp(-logit)), 1e-4, 1 - 1e-4))


@dataclass(frozen=True)
class EventModelSettings:
    """Everything about a spotter that is not a tensor; travels inside the weights file."""

    width: int
    dilations: tuple[int, ...]
    """Of every head, see HeadShape."""
    heads: tuple[str, ...]
    """The view each head sees."""
    least_shares: tuple[float, float]
    """Of the frames with an athlete, how many are taken to be push-off, and contact, at least."""
    spotting: SpottingConfig
    confidence: Confidence
    spread_ms: float
    """One standard deviation of an event's time, measured on held-out clips."""
    knows_approach: bool
    """Whether running steps before a drill were in the training videos, told apart."""
    trained_on: tuple[str, ...]
    """SHA-256 of each video, first 16 digits."""
    held_out: dict[str, object]
    """`EventScore.as_dict` of the training clips, each while held out; empty without."""


class EventModel:
    """Ready to read videos."""

    def __init__(
        self,
        trunk: FeatureExtractor,
        heads: Sequence[TemporalHead],
        settings: EventModelSettings,
        familiar: NoveltyDetector = NOTHING,
    ) -> None:
        self.trunk, self.settings, self.familiar = trunk, settings, familiar
        self.heads = [head.eval() for head in heads]

    def read(self, video: VideoFeatures) -> FrameScores:
        """What it says of each frame of a described video."""
        return score_frames(self.heads, self.settings, video)

    def events(
        self, video: VideoFeatures, reading: FrameScores | None = None
    ) -> list[PushOffEvent]:
        """The push-offs of a video, feet told as the athlete's own, confidence calibrated."""
        reading = reading or self.read(video)
        found = spot_events(reading, self.settings.spotting)
        return [self._told(event, video, reading) for event in found]

    def _told(
        self, event: PushOffEvent, video: VideoFeatures, reading: FrameScores
    ) -> PushOffEvent:
        settings = self.settings
        return dataclasses.replace(
            event,
            probability=settings.confidence.of(event.probability),
            left_probability=left_probability(event.left_probability, video.direction),
            approach_probability=event.approach_probability if settings.knows_approach else 0.0,
            uncertainty_frames=max(
                settings.spread_ms / 1000 / reading.interval_s, event.uncertainty_frames
            ),
        )


def left_probability(near: float, direction: Direction | None) -> float:
    """Of the left foot, given that of the near one; 0.5 where the direction is not known.

    Going to the viewer's right shows the athlete's right side. A mirrored video says the opposite.
    """
    if direction is None:
        return 0.5
    return near if direction.near_foot is Foot.LEFT else 1 - near


def score_frames(
    heads: Sequence[TemporalHead], settings: EventModelSettings, video: VideoFeatures
) -> FrameScores:
    """The mean of the heads' logits over every way the video was described, raised where it is
    timid; a video at 240/s is read as eight at 30/s."""
    count, step = len(video.times_s), video.step
    total = np.zeros((count, len(OUTPUTS)))
    with torch.inference_mode():
        for views in video.described.values():
            for head, view in zip(heads, settings.heads, strict=True):
                features = torch.from_numpy(views[view].astype(np.float32))
                for phase in range(min(step, count)):
                    logits = head(features[None, phase::step])[0]
                    total[phase::step] += logits.double().clamp(-_LOGIT, _LOGIT).numpy()
    total /= max(len(heads) * len(video.described), 1)
    if not np.isfinite(total).all():
        raise ModelRefused("the event model gives numbers that are not finite: it is damaged")
    least = dict(zip(CURVES, settings.least_shares, strict=True))
    curves = {
        name: adjust_to_prior(total[:, number], video.athlete, least.get(name, 0.0))
        for number, name in enumerate(OUTPUTS)
    }
    return FrameScores(times_s=video.times_s, athlete=video.athlete, step=step, **curves)


def save_event_model(folder: Path, spotter: EventModel, card: ModelCard) -> ModelCard:
    """Write weights, settings inside them, and the card, which is returned with their SHA-256.

    Raises StorageFailed.
    """
    tensors = {f"trunk.{name}": one for name, one in spotter.trunk.network.state_dict().items()}
    for number, head in enumerate(spotter.heads):
        tensors |= {f"head{number}.{name}": one for name, one in head.state_dict().items()}
    tensors = {name: one.detach().cpu().contiguous() for name, one in tensors.items()}
    known = spotter.familiar
    tensors["familiar.frames"] = torch.from_numpy(known.frames)
    tensors["familiar.limit"] = torch.tensor([] if known.limit is None else [known.limit])
    text = json.dumps({"format": FORMAT, **dataclasses.asdict(spotter.settings)}, sort_keys=True)
    data = safetensors_bytes(tensors, metadata={"spotter": text})
    card = dataclasses.replace(card, weights_sha256=hashlib.sha256(data).hexdigest())
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageFailed(f"{folder} could not be made: {error.strerror or error}") from error
    write_atomic(weights_path(folder, card), data)
    write_card(folder, card)
    return card


def load_event_model(folder: Path) -> EventModel:
    """A proven event model: hash, names, shapes, numbers. Raises ModelRefused."""
    card = read_card(folder)
    if card.classes != OUTPUTS:
        raise ModelRefused(
            f"{folder.name} is a frame classifier, not a model of events: "
            "train one with `pushoff train --clips DIR`"
        )
    path = weights_path(folder, card)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ModelRefused(f"{path} cannot be read: {error.strerror or error}") from None
    if hashlib.sha256(data).hexdigest() != card.weights_sha256:
        raise ModelRefused(f"{path}: the SHA-256 is not the one on the card")
    try:
        with safe_open(path, "pt") as opened:
            settings = _settings((opened.metadata() or {}).get("spotter", ""))
            tensors = {name: opened.get_tensor(name) for name in opened.keys()}
        trunk = restore_feature_extractor(
            _under("trunk.", tensors), card.architecture, card.initial_weights, card.size_px
        )
        heads = [
            _head(
                head_shape(view, settings.width, settings.dilations),
                _under(f"head{number}.", tensors),
            )
            for number, view in enumerate(settings.heads)
        ]
        familiar = _familiar(_under("familiar.", tensors))
    except ModelRefused:
        raise
    except (
        SafetensorError, RuntimeError, ValueError, KeyError, TypeError, AttributeError, BadInput,
    ) as error:  # fmt: skip
        raise ModelRefused(f"{path} is not a usable event model ({error!r})") from None
    return EventModel(trunk, heads, settings, familiar)


def _familiar(tensors: dict[str, torch.Tensor]) -> NoveltyDetector:
    """Raises KeyError, ValueError."""
    frames, limit = tensors["frames"], tensors["limit"].tolist()
    wanted = frames.dtype == torch.float16 and frames.shape[1:] == (VIEWS[VIEW],)
    if not wanted or not torch.isfinite(frames).all():
        raise ValueError("descriptions of training videos that are none")
    if len(limit) > 1 or not all(0 <= one < 1e6 for one in limit) or (limit and not len(frames)):
        raise ValueError(f"a limit of likeness of {limit}")
    return NoveltyDetector(frames.numpy(), limit[0] if limit else None)


def _head(shape: HeadShape, tensors: dict[str, torch.Tensor]) -> TemporalHead:
    """Raises ModelRefused, before any memory is taken, when the tensors are of another shape."""
    if tuple(tensors["enter.weight"].shape) != (shape.width, shape.inputs):
        raise ModelRefused(f"the heads are not {shape.width} wide, as the settings say")
    head = TemporalHead(shape)
    fit_into(head, tensors)
    return head


def _under(prefix: str, tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {
        name.removeprefix(prefix): one for name, one in tensors.items() if name.startswith(prefix)
    }


def _settings(text: str) -> EventModelSettings:
    """Out of the weights file's metadata. Raises ValueError, TypeError, KeyError, BadInput, ..."""
    raw = json.loads(text, parse_constant=_no_number)
    if raw.pop("format", None) != FORMAT:
        raise ValueError("settings of another format")
    heads, least = tuple(raw.pop("heads")), tuple(raw.pop("least_shares"))
    if len(least) != 2 or not all(0 <= share < 1 for share in least):
        raise ValueError(f"least shares {least}")
    if not set(heads) <= set(VIEWS) or not heads:
        raise ValueError(f"heads on unknown views {heads}")
    width, reaches = raw.pop("width"), tuple(raw.pop("dilations"))
    if not all(type(one) is int and one > 0 for one in (width, *reaches)):
        raise ValueError(f"heads {width} wide that reach {reaches}")
    spread_ms, held_out = raw.pop("spread_ms"), raw.pop("held_out")
    if not 0 <= spread_ms < 1e4 or not (held_out == {} or _SCORED <= held_out.keys()):
        raise ValueError("a spread or score that cannot be")
    confidence = Confidence(**raw.pop("confidence"))
    if not np.isfinite([confidence.slope, confidence.level]).all():
        raise ValueError("a confidence that is no number")
    return EventModelSettings(
        width=width,
        dilations=reaches,
        heads=heads,
        least_shares=least,
        spotting=SpottingConfig(**raw.pop("spotting")),
        confidence=confidence,
        spread_ms=spread_ms,
        held_out=held_out,
        trained_on=tuple(raw.pop("trained_on")),
        knows_approach=bool(raw.pop("knows_approach")),
        **raw,
    )


def _no_number(name: str) -> float:
    raise ValueError(f"{name} in the settings")
