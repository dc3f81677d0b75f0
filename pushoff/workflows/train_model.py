"""Labelled clips become truth for every data set, and a model is fitted at once."""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pushoff.events.ground_truth import GroundTruth
from pushoff.services import Services
from pushoff.storage.truths import save_truth
from pushoff.storage.videos import add_video
from pushoff.studio.export.frame_labels import NO_LABELS
from pushoff.util.progress import OnProgress, Progress
from pushoff.values import Exercise
from pushoff.workflows.results import TrainingOutcome
from pushoff.workflows.steps.champion import backbone_in_use, load_champion
from pushoff.workflows.steps.data.freeze_dataset import freeze_dataset
from pushoff.workflows.steps.data.labelled_clips import (
    assumed_capture_fps,
    ground_truths_of,
    load_video_features,
)
from pushoff.workflows.steps.decide_and_register import Candidate, decide_and_register
from pushoff.workflows.steps.fit_heads import fit_heads
from pushoff.workflows.steps.request_publishes import request_publishes

if TYPE_CHECKING:
    from pushoff.learning.features.feature_extractor import FeatureExtractor

log = logging.getLogger(__name__)


def train_model(
    services: Services, folders: Sequence[Path], *, promote: bool, on_progress: OnProgress
) -> TrainingOutcome:
    """Store the clips of folders with an events.json, fit heads on all labels there are, decide.

    The clips stay: every later refit and retrain learns from them as well. With labels of Label
    Studio the last data set's are used. `promote=False` registers without asking for a decision.
    Without a folder only what is stored is fitted. Needs neither Label Studio nor, unless it is
    connected, Redis. Raises BadInput, VideoRefused, TooFewLabels, ModelRefused, Upstream errors,
    and Superseded when another model was promoted meanwhile.
    """
    # 1. the clips, stored with what is known of them
    truths = ground_truths_of(folders)
    champion = load_champion(services)
    extractor = backbone_in_use(services, champion.model)
    store_clips(services, truths, extractor, on_progress)

    # 2. a data set of everything, and heads on the backbone in use
    dataset = freeze_dataset(services, None, NO_LABELS)
    backbone_of = champion.version if champion.model and champion.version else "initial"
    model, data = fit_heads(services, extractor, dataset, on_progress, backbone_of=backbone_of)

    # 3. registered in any case, promoted by the same rule as every model
    params = {"videos": len(data.videos), "labels": model.card.labels}
    outcome = decide_and_register(
        services, dataset, Candidate(model, data, params), champion, promote=promote
    )
    if outcome.promoted:
        request_publishes(services, f"{outcome.version} promoted")
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
    video_ids = []
    for path, truth in truths.items():
        video = add_video(
            services.storage,
            path,
            athlete=truth.athlete or "",
            exercise=Exercise(truth.exercise) if truth.exercise else Exercise.STEPS,
            capture_fps=assumed_capture_fps(truth),
            footage=truth.footage,
        )
        save_truth(services.storage, video.video_id, truth)
        video_ids.append(video.video_id)
    return video_ids
