"""Labelled clips become truth for every data set, and a model is fitted at once."""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pushoff.events.ground_truth import GroundTruth
from pushoff.services import Services
from pushoff.storage.object_store import Storage
from pushoff.storage.truths import save_truth
from pushoff.storage.videos import add_video, is_stored, load_video, video_id_of
from pushoff.studio.export.frame_labels import NO_LABELS
from pushoff.util.progress import OnProgress, Progress, ignore_progress
from pushoff.values import Exercise
from pushoff.workflows.results import TrainingOutcome
from pushoff.workflows.steps.champion import LoadedChampion, backbone_in_use, load_champion
from pushoff.workflows.steps.data.freeze_dataset import freeze_dataset
from pushoff.workflows.steps.data.labelled_clips import (
    assumed_capture_fps,
    ground_truths_of,
    load_video_features,
)
from pushoff.workflows.steps.decide_and_register import Candidate, decide_and_register
from pushoff.workflows.steps.fit_heads import fit_heads

if TYPE_CHECKING:
    from pushoff.learning.features.feature_extractor import FeatureExtractor

log = logging.getLogger(__name__)


def train_model(
    services: Services, folders: Sequence[Path], *, promote: bool, on_progress: OnProgress
) -> TrainingOutcome:
    """Store the clips of folders with an events.json, fit heads on all labels there are, decide.

    The clips stay: every later refit and retrain learns from them as well. With labels of Label
    Studio the last data set's are used. `promote=False` registers without asking for a decision.
    Without a folder only what is stored is fitted. After a promotion the caller requests the
    publishes. Needs neither Label Studio nor, unless it is connected, Redis. Raises BadInput,
    VideoRefused, TooFewLabels, ModelRefused, Upstream errors, and Superseded when another model was
    promoted meanwhile.
    """
    # the clips, stored with what is known of them
    truths = ground_truths_of(folders)
    champion = load_champion(services)
    extractor = backbone_in_use(services, champion.model)
    store_clips(services, truths, extractor, on_progress)
    return fit_stored(services, champion, promote=promote, on_progress=on_progress)


def fit_stored(
    services: Services,
    champion: LoadedChampion,
    *,
    promote: bool = True,
    on_progress: OnProgress = ignore_progress,
    again: bool = True,
) -> TrainingOutcome:
    """Fit heads on everything that is stored, and decide.

    `again`: also when the champion was fitted on exactly this. Raises TooFewLabels, ModelRefused,
    Upstream errors, and Superseded when another model was promoted meanwhile.
    """
    # 1. a data set of everything
    dataset = freeze_dataset(services, None, NO_LABELS)
    known = champion.model.card.dataset_fingerprint if champion.model else None
    if known == dataset.fingerprint and not again:
        return TrainingOutcome(decision=f"no change: {champion.version} knows these labels")

    # 2. heads on the backbone in use
    extractor = backbone_in_use(services, champion.model)
    backbone_of = champion.version if champion.model and champion.version else "initial"
    model, data = fit_heads(
        services,
        extractor,
        dataset,
        on_progress,
        backbone_of=backbone_of,
        backbone_saw=champion.model.backbone_saw if champion.model else frozenset(),
    )

    # 3. registered in any case, promoted by the same rule as every model
    params = {"videos": len(data.videos), "labels": model.card.labels}
    outcome = decide_and_register(
        services, dataset, Candidate(model, data, params), champion, promote=promote
    )
    log.info("train: %s", outcome.decision)
    return outcome


def store_clips(
    services: Services,
    truths: Mapping[Path, GroundTruth],
    extractor: "FeatureExtractor",
    on_progress: OnProgress,
) -> list[str]:
    """Store labelled clips, by file, with their truth; returns the videos' ids.

    Features by `extractor`, which training needs, are extracted first: nothing is stored before the
    labels of every clip were found to be of that clip. Safe to run twice. Raises BadInput,
    VideoRefused, StorageFailed.
    """
    for number, (path, truth) in enumerate(truths.items(), 1):
        on_progress(Progress("extracting features", number, len(truths), "clip"))
        load_video_features(services, path, truth, extractor)
    return [_store_clip(services.storage, path, truth) for path, truth in truths.items()]


def _store_clip(storage: Storage, path: Path, truth: GroundTruth) -> str:
    """The id of the stored clip.

    What a video that was stored before belongs to is kept: its project, and what the events.json
    does not say.
    """
    video_id = video_id_of(path)
    known = load_video(storage, video_id) if is_stored(storage, video_id) else None
    capture_fps = known.capture_fps if known and not truth.capture_known else None
    add_video(
        storage,
        path,
        athlete=truth.athlete or (known.athlete if known else ""),
        exercise=_exercise(truth.exercise) or (known.exercise if known else Exercise.STEPS),
        capture_fps=capture_fps or assumed_capture_fps(truth),
        footage=truth.footage,
        project_id=known.project_id if known else None,
        video_id=video_id,
    )
    save_truth(storage, video_id, truth)
    return video_id


def _exercise(name: str | None) -> Exercise | None:
    """The drill of this name; None for any other name, as of a sprint."""
    return next((exercise for exercise in Exercise if exercise.value == name), None)
