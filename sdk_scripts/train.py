"""Train the model of events from labelled clips and exported labels, and register it."""

import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from pushoff.errors import BadInput, ModelRefused, TooFewLabels
from pushoff.services import Services, open_services
from pushoff.workflows.exported_labels import videos_from_export
from pushoff.workflows.labelled_clips import labelled_videos
from sdk_scripts.jobs import (
    progress_bar,
    progress_fraction,
    progress_words,
    refresh_videos,
    stdout,
)

if TYPE_CHECKING:
    from pushoff.events.scoring import EventScore
    from pushoff.learning.event.model import EventModel
    from pushoff.learning.registry.versions import RegisteredModel

TOLERANCE_FRAMES = 1


def train(
    clips: list[Path] = typer.Option([], help="Folder of labelled clips with an events.json."),
    more: list[Path] = typer.Argument(None, help="Further folders: `--clips A B C`."),
    export: Path | None = typer.Option(
        None, help="A Label Studio JSON export; its sessions must be in storage."
    ),
    architecture: str | None = typer.Option(None, help="resnet18 or resnet34."),
    weights: str | None = typer.Option(None, help="imagenet, none, or a .safetensors file."),
    promote: bool = typer.Option(True, help="Promote it if it is not worse than the champion."),
) -> None:
    """Train an event model on labelled clips and print its score on clips held out in turn."""
    clips = [*clips, *(more or [])]
    if not clips and export is None:
        raise BadInput("nothing to learn from: name folders with --clips, or an --export")
    with open_services() as services, progress_bar("train") as show:

        def say(word: dict[str, Any]) -> None:
            show(*progress_fraction(word), progress_words(word))

        version, score, decision = train_on(
            services,
            clips,
            export,
            architecture=architecture or services.settings.architecture,
            weights=weights or services.settings.weights,
            promote=promote,
            say=say,
        )
    stdout.print(f"{version} {decision}")
    if score:
        stdout.print(
            f"held out in turn, {len(score.clips)} clips: F1 {score.f1:.3f} at "
            f"{score.tolerance_frames} frame, exact-frame average precision "
            f"{score.average_precision[0]:.3f}, feet {score.as_dict()['foot_accuracy']}"
        )


def train_on(
    services: Services,
    clips: list[Path],
    export: Path | None,
    *,
    architecture: str,
    weights: str,
    promote: bool,
    say: Any,
) -> "tuple[str, EventScore | None, str]":
    """(version, held-out score, what was decided). Raises TooFewLabels, BadInput, ModelRefused."""
    from pushoff.learning.event.feature_extractor import WITH_MIRROR, load_feature_extractor
    from pushoff.learning.event.model import save_event_model
    from pushoff.learning.event.training import TrainingConfig, train_and_evaluate
    from pushoff.learning.registry.versions import EVENT_MODELS, HeldOutEvents

    settings = services.settings
    trunk, note = load_feature_extractor(architecture, weights, settings.event_size_px)
    videos = labelled_videos(services, clips, trunk, WITH_MIRROR, say)
    if export is not None:
        clips_seen = {video.lesson.video.sha256 for video in videos}
        exported = videos_from_export(services, export, trunk, WITH_MIRROR, say)
        # a clip's events say all that its frames' labels say, and it must not be on both sides
        videos += [video for video in exported if video.lesson.video.sha256 not in clips_seen]
    if not videos:
        raise TooFewLabels("no labelled frame belongs to a session in storage")
    spotter, score = train_and_evaluate(
        trunk,
        videos,
        TrainingConfig(),
        tolerance_frames=TOLERANCE_FRAMES,
        seed=settings.seed,
        say=say,
    )
    footage = {video.footage for video in videos}
    notes = [f"learnt from {len(videos)} videos ({'/'.join(sorted(footage))})"]
    notes += [note] if note else []
    registry = services.registry
    champion = registry.champion(EVENT_MODELS)
    with tempfile.TemporaryDirectory(prefix="spotter-", dir=services.scratch) as name:
        folder = Path(name)
        card = save_event_model(folder, spotter, _card(spotter, settings.seed, tuple(notes)))
        version = registry.register(
            EVENT_MODELS,
            folder,
            card,
            plots={},
            metrics=_metrics(score),
            params={
                "recipe": "default",
                "videos": len(videos),
                "width": spotter.settings.width,
                "dilations": spotter.settings.dilations,
            },
            run_tags={"kind": "events"},
            held_out=HeldOutEvents(score.f1, score.tolerance_frames, len(score.clips))
            if score
            else None,
        )
    decision = "registered, not promoted"
    if promote:
        better, reason = _decide(services, champion, score)
        decision = ("promoted: " if better else "kept back: ") + reason
        if better:
            expected = champion.version if champion else None
            registry.promote(EVENT_MODELS, version, reason, expected)
            refresh_videos(services, f"{version} promoted")
    return version, score, decision


def _decide(
    services: Services, champion: "RegisteredModel | None", score: "EventScore | None"
) -> tuple[bool, str]:
    """Not worse than the champion on the clips that both held out."""
    from pushoff.learning.event.model import load_event_model

    if champion is None:
        return True, "first model of events"
    if score is None:
        return False, "with clips of one athlete nothing could be held out to compare on"
    folder = services.registry.fetch(champion, services.model_cache)
    try:
        theirs = load_event_model(folder).settings.held_out.get("per_clip", [])
    except ModelRefused as error:
        return True, f"{champion.version} cannot serve any more: {error}"
    before = {one["clip"]: one for one in theirs}
    now = {one["clip"]: one for one in score.as_dict()["per_clip"]}
    shared = sorted(before.keys() & now.keys())
    if not shared:
        return True, f"no clip in common with {champion.version}: nothing to compare"
    f1 = [_f1([rows[name] for name in shared]) for rows in (now, before)]
    words = f"held-out F1 {f1[0]:.3f} against {f1[1]:.3f} on {len(shared)} shared clips"
    return f1[0] >= f1[1], words


def _f1(rows: list[dict[str, Any]]) -> float:
    matched = sum(row["matched"] for row in rows)
    return 2 * matched / max(sum(row["truth"] + row["found"] for row in rows), 1)


def _metrics(score: "EventScore | None") -> dict[str, float]:
    if score is None:
        return {}
    return {"event_f1": score.f1} | {
        f"event_map_{k}": value for k, value in score.average_precision.items()
    }


def _card(spotter: "EventModel", seed: int, notes: tuple[str, ...]) -> Any:
    import hashlib
    from importlib.metadata import version as installed

    from pushoff.learning.event.temporal_head import OUTPUTS
    from pushoff.learning.frame.classifier import IMAGENET_MEAN, IMAGENET_STD
    from pushoff.util.canonical_json import canonical_json
    from pushoff.values import ModelCard

    data = hashlib.sha256(canonical_json(list(spotter.settings.trained_on))).hexdigest()
    return ModelCard(
        architecture=spotter.trunk.architecture,
        size_px=spotter.trunk.size_px,
        mean=IMAGENET_MEAN,
        std=IMAGENET_STD,
        classes=OUTPUTS,
        threshold=spotter.settings.spotting.high,
        temperature=1.0,
        initial_weights=spotter.trunk.initial,
        dataset_fingerprint=data,
        scorecard=None,
        weights_sha256="",
        seed=seed,
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        code_version=installed("pushoff"),
        notes=notes,
    )
