"""How an event model is trained, evaluated, registered and promoted. Read from top to bottom."""

import hashlib
import logging
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from pushoff.errors import ModelRefused, TooFewLabels, Upstream
from pushoff.learning.evaluation.promotion import ClipCounts, EventChampion, decide_event_model
from pushoff.learning.registry.versions import RegisteredModel
from pushoff.services import Services
from pushoff.util.canonical_json import canonical_json
from pushoff.util.progress import OnProgress
from pushoff.values import ModelCard, PromotionDecision
from pushoff.workflows.steps.exported_labels import videos_from_export
from pushoff.workflows.steps.labelled_clips import labelled_videos
from pushoff.workflows.steps.request_publishes import request_publishes

if TYPE_CHECKING:
    from pushoff.events.scoring import EventScore
    from pushoff.learning.event.fit_model import LabelledVideo
    from pushoff.learning.event.model import EventModel

log = logging.getLogger(__name__)

TOLERANCE_FRAMES = 1
"""Frames by which a held-out event may be off and still count as found."""
_CLIP_COUNTS = TypeAdapter(tuple[ClipCounts, ...])


@dataclass(frozen=True)
class EventTrainingResult:
    """A registered event model, its score and whether it was promoted."""

    version: str
    score: "EventScore | None"
    """Over the labelled clips, each while held out; None where nothing could be held out."""
    decision: PromotionDecision


def train_event_model(
    services: Services,
    clips: Sequence[Path],
    export: Path | None,
    *,
    label_config: Path | None = None,
    architecture: str,
    weights: str,
    promote: bool,
    on_progress: OnProgress,
) -> EventTrainingResult:
    """Train on folders of labelled clips and on an export, register, promote if not worse.

    `clips` are folders with an events.json. `export` is a Label Studio JSON export whose videos are
    in storage, `label_config` its project's label config (`exported_labels.label_interface`).
    `promote=False` registers without asking for a decision. Raises TooFewLabels, BadInput,
    ExportWrong, VideoRefused, ModelRefused, Upstream errors, and Superseded when another event
    model was promoted meanwhile.
    """
    from pushoff.learning.event.fit_model import TrainingConfig
    from pushoff.learning.event.training import train_and_evaluate
    from pushoff.learning.feature_extractor import WITH_MIRROR, load_feature_extractor

    settings, registry = services.settings, services.registry

    # 1. the labelled videos
    extractor, note = load_feature_extractor(architecture, weights, settings.event_size_px)
    videos = labelled_videos(services, clips, extractor, WITH_MIRROR, on_progress)
    if export is not None:
        exported = videos_from_export(
            services, export, extractor, WITH_MIRROR, on_progress, label_config
        )
        videos = _without_repeats(videos, exported)
    if not videos:
        raise TooFewLabels(
            "no labelled frame belongs to a video in storage",
            code="no_labelled_video",
            remedy="Add the videos with `pushoff video add`, or pass the export's label config "
            "with --label-config FILE.",
        )

    # 2. a model of all of them, scored on each group while it is held out
    model, score = train_and_evaluate(
        extractor,
        videos,
        TrainingConfig(),
        tolerance_frames=TOLERANCE_FRAMES,
        seed=settings.seed,
        on_progress=on_progress,
    )

    # 3. the comparison with the champion
    champion = registry.champion()
    if promote:
        decision = decide_event_model(
            _counts_of(score) if score else None, _load_champion(services, champion)
        )
    else:
        decision = PromotionDecision(False, "registered: promotion was not requested")

    # 4. kept in any case, promoted if it is not worse and nobody changed the champion meanwhile
    version = _register(services, model, score, videos, note, decision)
    if decision.promote:
        expected = champion.version if champion else None
        registry.promote(version, decision.reason, expected)
        _request_publishes(services, f"{version} promoted")
    log.info("event model %s: %s", version, decision.reason)
    return EventTrainingResult(version, score, decision)


def _request_publishes(services: Services, reason: str) -> None:
    """A failure is logged: the model is promoted, and the tasks wait for the next publish."""
    try:
        request_publishes(services, reason)
    except Upstream as error:
        log.warning("suggestions stay as they are until the next `pushoff publish`: %s", error)


def _without_repeats(
    clips: "Sequence[LabelledVideo]", exported: "Sequence[LabelledVideo]"
) -> "list[LabelledVideo]":
    """The clips and those exported videos that are not among them.

    A clip's events say all that labels of its frames say, and one video must not be on both sides
    of a split.
    """
    known = {video.example.features.sha256 for video in clips}
    return [*clips, *(video for video in exported if video.example.features.sha256 not in known)]


def _counts_of(score: "EventScore") -> list[ClipCounts]:
    return [
        ClipCounts(clip=clip.clip, truth=clip.truth, found=clip.found, matched=clip.matched)
        for clip in score.clips
    ]


def _load_champion(services: Services, champion: RegisteredModel | None) -> EventChampion | None:
    """The champion's held-out counts. Raises RegistryUnavailable."""
    from pushoff.learning.event.model_file import load_event_model

    if champion is None:
        return None
    try:
        folder = services.registry.fetch(champion, services.model_cache)
        held_out: Mapping[str, Any] = load_event_model(folder).settings.held_out
    except ModelRefused as error:
        return EventChampion(champion.version, (), refusal=str(error))
    return EventChampion(
        champion.version, _CLIP_COUNTS.validate_python(held_out.get("per_clip", ()))
    )


def _register(
    services: Services,
    model: "EventModel",
    score: "EventScore | None",
    videos: "Sequence[LabelledVideo]",
    note: str | None,
    decision: PromotionDecision,
) -> str:
    """The version under which the registry keeps the model."""
    from pushoff.learning.event.model_file import save_event_model

    footage = "/".join(sorted({video.footage for video in videos}))
    notes = [f"trained on {len(videos)} videos ({footage})", *([note] if note else [])]
    with tempfile.TemporaryDirectory(prefix="event-model-", dir=services.scratch) as name:
        folder = Path(name)
        card = save_event_model(folder, model, _card(model, services.settings.seed, tuple(notes)))
        return services.registry.register(
            folder,
            card,
            plots={},
            metrics=_metrics(score),
            params={
                "videos": len(videos),
                "width": model.settings.width,
                "dilations": model.settings.dilations,
            },
            run_tags={"kind": "events", "decision": decision.reason},
        )


def _metrics(score: "EventScore | None") -> dict[str, float]:
    if score is None:
        return {}
    return {"event_f1": score.f1} | {
        f"event_map_{tolerance}": value for tolerance, value in score.average_precision.items()
    }


def _card(model: "EventModel", seed: int, notes: tuple[str, ...]) -> ModelCard:
    from pushoff.learning.event.temporal_head import OUTPUTS
    from pushoff.learning.network import IMAGENET_MEAN, IMAGENET_STD
    from pushoff.learning.registry.model_card import code_version

    trained_on = canonical_json(list(model.settings.trained_on))
    return ModelCard(
        architecture=model.extractor.architecture,
        size_px=model.extractor.size_px,
        mean=IMAGENET_MEAN,
        std=IMAGENET_STD,
        classes=OUTPUTS,
        threshold=model.settings.spotting.high,
        temperature=1.0,
        initial_weights=model.extractor.initial_weights,
        dataset_fingerprint=hashlib.sha256(trained_on).hexdigest(),
        scorecard=None,
        weights_sha256="",
        seed=seed,
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        code_version=code_version(),
        notes=notes,
    )
