"""Folders of labelled clips as training data of the heads; clips held out in turn.

A clip is named by its file. Clips of one athlete, and copies of one file, are held out together.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from pushoff.events.ground_truth import GroundTruth
from pushoff.events.values import PushOffEvent
from pushoff.learning.backbone.network import FEATURES
from pushoff.learning.features.feature_extractor import FeatureExtractor
from pushoff.learning.features.video_features import VideoFeatures
from pushoff.learning.heads.fit_sequence import SequenceConfig, fit_sequence_head
from pushoff.learning.heads.hold_out import hold_out_in_turn
from pushoff.learning.heads.training_data import (
    LabelledRows,
    LonePictures,
    TrainingData,
    TrainingVideo,
)
from pushoff.learning.model.sequence_head import SequenceHead
from pushoff.services import Services
from pushoff.workflows.steps.data.labelled_clips import (
    clip_name,
    ground_truths_of,
    load_video_features,
)
from pushoff.workflows.steps.data.training_data import labels_of_truth

Predicted = dict[str, list[PushOffEvent]]
"""Push-offs by the clip's name."""


def labelled_clips(
    services: Services, folders: Sequence[Path], extractor: FeatureExtractor
) -> list[TrainingVideo]:
    """Every clip of the folders with its features. Raises BadInput, VideoRefused."""
    truths = ground_truths_of(folders)
    clips: list[TrainingVideo] = []
    folds: dict[str, int] = {}
    for path, truth in truths.items():
        name = clip_name(path, list(truths))
        features = load_video_features(services, path, truth, extractor)
        copy = next((clip for clip in clips if clip.features.sha256 == features.sha256), None)
        group = copy.group if copy else truth.athlete or name
        fold = folds.setdefault(group, len(folds))
        clips.append(training_video(name, group, features, truth, fold))
    return clips


def training_video(
    name: str, group: str, features: VideoFeatures, truth: GroundTruth, fold: int
) -> TrainingVideo:
    """A clip whose frames are all labelled, as far as the truth is complete and unambiguous."""
    labels = labels_of_truth(truth, np.asarray(features.times_s))
    count = len(labels)
    return TrainingVideo(
        video_id=name,
        group=group,
        features=features,
        frame_folds=np.full(len(features.times_s), fold),
        frames=np.array(list(labels), int),
        rows=LabelledRows(
            labels=np.array([int(label) for label in labels.values()], int),
            folds=np.full(count, fold),
            weights=np.ones(count),
            unaided=np.ones(count, bool),
        ),
        truth=truth,
        footage=truth.footage,
    )


def without_landmarks(clips: Sequence[TrainingVideo]) -> list[TrainingVideo]:
    """The clips as if no body had been found: a head that is fitted on them knows no rules."""
    return [
        replace(
            clip,
            features=replace(
                clip.features, landmarks=np.full_like(clip.features.landmarks, np.nan)
            ),
        )
        for clip in clips
    ]


def without_copies(
    clips: Sequence[TrainingVideo], of: Sequence[TrainingVideo]
) -> list[TrainingVideo]:
    """The clips whose file is not among `of`, whatever its name."""
    excluded = {clip.features.sha256 for clip in of}
    return [clip for clip in clips if clip.features.sha256 not in excluded]


def fit_head(clips: Sequence[TrainingVideo], config: SequenceConfig) -> SequenceHead:
    """A sequence head fitted on all of the clips, not calibrated."""
    examples = [example for clip in clips if (example := clip.example()) is not None]
    return fit_sequence_head(examples, config)


def predict(head: SequenceHead, clips: Sequence[TrainingVideo]) -> Predicted:
    """The push-offs that the head finds."""
    return {clip.video_id: head.find_events(clip.features) for clip in clips}


def predict_held_out(clips: Sequence[TrainingVideo], config: SequenceConfig) -> Predicted:
    """The push-offs of each clip by a head that was fitted without its group, one at a time."""
    data = TrainingData(clips, _no_pictures(), "session")
    predicted: Predicted = {}
    for fold in data.folds:
        scores = hold_out_in_turn(data, [fold], config)
        if scores.settings is None:
            raise SystemExit("clips of at least two athletes, or two clips, are needed")
        decoder = SequenceHead((), scores.settings)
        for clip in clips:
            if fold in clip.folds:
                found = decoder.find_events(clip.features, scores.videos[clip.video_id])
                predicted[clip.video_id] = found
    return predicted


def _no_pictures() -> LonePictures:
    nothing = np.zeros(0, int)
    rows = LabelledRows(nothing, nothing, np.zeros(0), np.zeros(0, bool))
    return LonePictures((), (), np.zeros((0, FEATURES), np.float16), rows, ())
