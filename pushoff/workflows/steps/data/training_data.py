"""A data set's labels with their features by one backbone: to fit heads on, and to judge models."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from pushoff.events.ground_truth import GroundTruth, frame_label
from pushoff.learning.data.manifest import DatasetFrame, DatasetManifest, VideoTruth
from pushoff.services import Services
from pushoff.storage.feature_store import FeatureStore
from pushoff.util.progress import OnProgress, Progress
from pushoff.values import Label
from pushoff.workflows.steps.data.extract_features import (
    extract_pictures,
    rows_without,
    rows_without_athlete,
)
from pushoff.workflows.steps.data.freeze_dataset import stored_image
from pushoff.workflows.steps.data.video_features import video_features

if TYPE_CHECKING:
    from pushoff.learning.features.feature_extractor import FeatureExtractor
    from pushoff.learning.features.video_features import VideoFeatures
    from pushoff.learning.heads.training_data import (
        LabelledRows,
        LonePictures,
        TrainingData,
        TrainingVideo,
    )


def training_data(
    services: Services,
    extractor: "FeatureExtractor",
    dataset: DatasetManifest,
    on_progress: OnProgress,
) -> "TrainingData":
    """All labels of the data set with features; what is missing is extracted and stored.

    A frame whose video is not stored, or cannot be decoded, counts as a lone picture. Raises
    StorageFailed, StudioUnreachable when too many images are missing.
    """
    from pushoff.learning.heads.training_data import TrainingData

    frames_of: dict[str, list[DatasetFrame]] = defaultdict(list)
    for frame in dataset.frames:
        if frame.frame_index is not None:
            frames_of[frame.video_id].append(frame)
    named = sorted({*frames_of, *dataset.truths})
    videos, found = [], set()
    for number, video_id in enumerate(named, 1):
        on_progress(Progress("extracting features", number, len(named), "video"))
        features = video_features(services, extractor, video_id)
        if features is not None:
            truth = dataset.truths.get(video_id)
            videos.append(_video(services, dataset, video_id, features, frames_of[video_id], truth))
            found.add(video_id)
    lone = [
        frame
        for frame in dataset.frames
        if frame.frame_index is None or frame.video_id not in found
    ]
    return TrainingData(
        videos, _lone_pictures(services, extractor, dataset, lone, on_progress), dataset.split_by
    )


def labels_of_truth(truth: GroundTruth, times_s: np.ndarray) -> dict[int, Label]:
    """The label of every known frame of a marked video that has one, by frame."""
    last = min(truth.complete_to, len(times_s) - 1)
    push_offs_s = [float(times_s[f]) for f in truth.push_off_frames if f < len(times_s)]
    interval_s = float(np.median(np.diff(times_s))) if len(times_s) > 1 else 1.0
    labels = {}
    for frame in range(max(truth.complete_from, 0), last + 1):
        if not truth.knows(frame):
            continue
        label = frame_label(float(times_s[frame]), push_offs_s, interval_s)
        if label is not None:
            labels[frame] = label
    return labels


def _video(
    services: Services,
    dataset: DatasetManifest,
    video_id: str,
    features: "VideoFeatures",
    frames: Sequence[DatasetFrame],
    marked: VideoTruth | None,
) -> "TrainingVideo":
    from pushoff.learning.heads.training_data import NO_FOLD, TrainingVideo

    times_s = np.asarray(features.times_s)
    split_group = marked.split_group if marked else frames[0].split_group
    folds = [dataset.division.fold_at(split_group, video_id, float(time_s)) for time_s in times_s]
    frame_folds = np.array([NO_FOLD if fold is None else fold for fold in folds], int)
    accepted_weight = services.settings.accepted_weight
    labels = {frame.frame_index: frame.label for frame in frames if frame.frame_index is not None}
    accepted = {frame.frame_index for frame in frames if frame.from_suggestion}
    if marked:
        truth = marked.truth
        labels = {frame: label for frame, label in labels.items() if not truth.knows(frame)}
        labels |= labels_of_truth(truth, times_s)
    indices = np.array(sorted(index for index in labels if index < len(times_s)), int)
    feet = {frame.frame_index: frame.foot for frame in frames if frame.foot}
    return TrainingVideo(
        video_id=video_id,
        group=_group(dataset, split_group, video_id),
        features=features,
        frame_folds=frame_folds,
        frames=indices,
        rows=_rows(
            [labels[index] for index in indices.tolist()],
            frame_folds[indices],
            [index in accepted for index in indices.tolist()],
            accepted_weight,
        ),
        truth=marked.truth if marked else None,
        footage=marked.footage if marked else frames[0].footage,
        feet=tuple(map(feet.get, indices.tolist())) if feet else None,
    )


def _lone_pictures(
    services: Services,
    extractor: "FeatureExtractor",
    dataset: DatasetManifest,
    frames: Sequence[DatasetFrame],
    on_progress: OnProgress,
) -> "LonePictures":
    """The pictures that can be read and show an athlete; the others are left out."""
    from pushoff.learning.heads.training_data import NO_FOLD, LonePictures

    load = stored_image(services)
    store = FeatureStore(services.storage, extractor.fingerprint)
    addressed = [replace(frame, frame_index=None) for frame in frames]
    missing = extract_pictures(
        extractor,
        store,
        addressed,
        rows_without(store, addressed),
        lambda row: load(frames[row]),
        on_progress,
    )
    left_out = {*missing, *rows_without_athlete(store, addressed)}
    kept = [row for row in range(len(frames)) if row not in left_out]
    used = [frames[row] for row in kept]
    features, _ = store.rows([addressed[row] for row in kept])
    return LonePictures(
        names=tuple(map(_picture_name, used)),
        groups=tuple(_group(dataset, frame.split_group, frame.video_id) for frame in used),
        features=features if used else np.zeros((0, 1), np.float16),
        rows=_rows(
            [frame.label for frame in used],
            np.array([NO_FOLD if frame.fold is None else frame.fold for frame in used], int),
            [frame.from_suggestion for frame in used],
            services.settings.accepted_weight,
        ),
        footage=tuple(frame.footage for frame in used),
    )


def _picture_name(frame: DatasetFrame) -> str:
    """Of a crop: one picture may show several athletes."""
    box = "-".join(map(str, frame.box.as_list())) if frame.box else "whole"
    return f"{frame.image_sha256}-{box}"


def _group(dataset: DatasetManifest, split_group: str, video_id: str) -> str:
    """What is held out as a whole: the athlete, else the video."""
    return split_group if dataset.split_by == "athlete" else video_id


def _rows(
    labels: Sequence[Label],
    folds: np.ndarray,
    accepted: Sequence[bool],
    accepted_weight: float,
) -> "LabelledRows":
    from pushoff.learning.heads.training_data import LabelledRows

    from_suggestion = np.array(accepted, bool)
    return LabelledRows(
        labels=np.array([int(label) for label in labels], int),
        folds=folds,
        weights=np.where(from_suggestion, accepted_weight, 1.0),
        unaided=~from_suggestion,
    )
