"""The labelled frames of a data set with what a model predicted for each while it was held out."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from pushoff.events.ground_truth import push_off_reach
from pushoff.learning.data.manifest import DatasetFrame, DatasetManifest, VideoTruth
from pushoff.learning.evaluation.held_out import NO_VIDEO, HeldOutFrames
from pushoff.learning.model.frame_suggestion import SUGGESTED_FROM
from pushoff.learning.starter import predict_with_rules
from pushoff.services import Services
from pushoff.workflows.steps.data.video_features import video_features

if TYPE_CHECKING:
    from pushoff.learning.heads.training_data import TrainingData
    from pushoff.learning.model.held_out_predictions import HeldOutPredictions
    from pushoff.learning.model.model import PushOffModel


def held_out_frames(data: "TrainingData", predictions: "HeldOutPredictions") -> HeldOutFrames:
    """Every labelled frame of `data` for which there is a held-out prediction."""
    groups: list[str] = []
    names: list[str] = []
    footages: list[str] = []
    columns: dict[str, list[np.ndarray]] = {}
    push_offs: dict[str, tuple[int, ...]] = {}
    reaches: dict[str, int] = {}
    for video in data.videos:
        found = predictions.videos.get(video.video_id)
        if found is None:
            continue
        judged = (video.rows.folds >= 0) & (video.frames < len(found.probabilities))
        judged[judged] = np.isfinite(found.probabilities[video.frames[judged]])
        frames = video.frames[judged]
        groups += [video.group] * len(frames)
        names += [video.video_id] * len(frames)
        footages += [video.footage] * len(frames)
        push_offs[video.video_id] = found.push_offs
        reaches[video.video_id] = push_off_reach(np.asarray(video.features.times_s))
        part = {
            "frame_indices": frames,
            "labels": video.rows.labels[judged],
            "unaided": video.rows.unaided[judged],
            "probabilities": found.probabilities[frames],
            "suggested": found.suggested[frames],
            "picture_probabilities": found.picture_probabilities[frames],
        }
        for column, values in part.items():
            columns.setdefault(column, []).append(values)
    pictures = data.pictures
    for row, name in enumerate(pictures.names):
        probability = predictions.pictures.get(name)
        if probability is None or pictures.rows.folds[row] < 0:
            continue
        groups.append(pictures.groups[row])
        names.append(name)
        footages.append(pictures.footage[row])
        lone = {
            "frame_indices": NO_VIDEO,
            "labels": pictures.rows.labels[row],
            "unaided": pictures.rows.unaided[row],
            "probabilities": probability,
            "suggested": probability >= SUGGESTED_FROM,
            "picture_probabilities": probability,
        }
        for column, value in lone.items():
            columns.setdefault(column, []).append(np.array([value]))
    return HeldOutFrames(
        groups=tuple(groups),
        video_ids=tuple(names),
        frame_indices=_column(columns, "frame_indices", int),
        labels=_column(columns, "labels", int),
        unaided=_column(columns, "unaided", bool),
        probabilities=_column(columns, "probabilities", float),
        suggested=_column(columns, "suggested", bool),
        push_offs=push_offs,
        picture_probabilities=_column(columns, "picture_probabilities", float),
        footages=tuple(footages),
        split_by=data.split_by,
        reaches=reaches,
    )


def with_new_videos(
    services: Services, champion: "PushOffModel", dataset: DatasetManifest
) -> "HeldOutPredictions":
    """The champion's held-out predictions, and its predictions for videos that are new to it.

    Raises StorageFailed, ModelRefused.
    """
    from pushoff.learning.features.feature_extractor import PLAIN
    from pushoff.learning.heads.training_data import PICTURE_VIEW
    from pushoff.learning.model.held_out_predictions import HeldOutPredictions, HeldOutVideo

    videos: dict[str, HeldOutVideo] = dict(champion.held_out.videos)
    for video_id in _new_videos(champion, dataset):
        features = video_features(services, champion.extractor, video_id)
        found = champion.predict_video(features) if features is not None else None
        if features is None or found is None:
            continue
        videos[video_id] = HeldOutVideo(
            probabilities=found.probabilities.astype(np.float32),
            suggested=found.suggested,
            picture_probabilities=champion.picture.probabilities(
                features.views[PLAIN][PICTURE_VIEW]
            ).astype(np.float32),
            push_offs=tuple(event.frame for event in found.events),
        )
    return HeldOutPredictions(videos, champion.held_out.pictures)


def of_rules(data: "TrainingData") -> "HeldOutPredictions":
    """What the pose rules say of the videos in which they see a body: they learnt from none."""
    from pushoff.learning.model.held_out_predictions import HeldOutPredictions, HeldOutVideo

    videos = {}
    for video in data.videos:
        if not video.features.has_body:
            continue
        found = predict_with_rules(video.features)
        videos[video.video_id] = HeldOutVideo(
            probabilities=found.probabilities.astype(np.float32),
            suggested=found.suggested,
            picture_probabilities=np.zeros(len(found.probabilities), np.float32),
            push_offs=tuple(event.frame for event in found.events),
        )
    return HeldOutPredictions(videos)


def _new_videos(champion: "PushOffModel", dataset: DatasetManifest) -> list[str]:
    """The videos of which neither heads nor backbone know anything, in order of id.

    Where athletes are held out, a video of an athlete whom the champion knows from another video is
    not new: the candidate held that athlete out altogether.
    """
    by_athlete = dataset.split_by == "athlete"
    labelled: list[tuple[str, DatasetFrame | VideoTruth]] = list(dataset.truths.items())
    labelled += [
        (frame.video_id, frame) for frame in dataset.frames if frame.frame_index is not None
    ]
    groups = {name: known.split_group if by_athlete else name for name, known in labelled}
    learnt = champion.trained_on | champion.backbone_saw
    known_groups = {group for name, group in groups.items() if name in learnt}
    return sorted(name for name, group in groups.items() if group not in known_groups)


def _column(columns: Mapping[str, list[np.ndarray]], name: str, kind: type) -> np.ndarray:
    parts = columns.get(name, [])
    return np.concatenate(parts).astype(kind) if parts else np.zeros(0, kind)
