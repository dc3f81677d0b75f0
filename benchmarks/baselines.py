"""Baselines of the event model: whole images, and rules on pose landmarks."""

from collections import deque
from dataclasses import replace
from pathlib import Path

import numpy as np

from pushoff.events.pose_rules import spot_with_pose_rules
from pushoff.events.values import PushOffEvent
from pushoff.learning.backbone.network import FEATURES
from pushoff.learning.features.feature_extractor import Augmentation, FeatureExtractor
from pushoff.learning.features.video_features import VIEWS, VideoFeatures
from pushoff.learning.frame.classifier import crop_and_resize
from pushoff.learning.heads.fit_sequence import LabelledVideo
from pushoff.video.decoding.decode import decode
from pushoff.video.pose import find_pose, pose_input, to_full_size

_BATCH = 32


def whole_image_video(
    labelled: LabelledVideo, path: Path, extractor: FeatureExtractor
) -> VideoFeatures:
    """The video as features of whole frames resized to the network's input, the plain method.

    Every frame counts as one with the athlete, because there is no tracker.
    """
    video = labelled.example.features
    views = {
        augmentation: {
            view: np.zeros((len(video.times_s), width), np.float16) for view, width in VIEWS.items()
        }
        for augmentation in video.views
    }
    batch: deque[tuple[int, np.ndarray]] = deque()
    for frame in decode(path, video.info).frames():
        batch.append((frame.ref.index, crop_and_resize(frame.image, None, extractor.size_px)))
        if len(batch) == _BATCH:
            _extract(batch, views, extractor)
    if batch:
        _extract(batch, views, extractor)
    track = replace(video.track, found=(True,) * len(video.times_s))
    return replace(video, views=views, track=track)


def _extract(
    batch: deque[tuple[int, np.ndarray]],
    views: dict[Augmentation, dict[str, np.ndarray]],
    extractor: FeatureExtractor,
) -> None:
    indices = [index for index, _ in batch]
    images = np.stack([image for _, image in batch])
    for augmentation, of_view in views.items():
        of_view["colours"][indices] = extractor.extract(images, augmentation)[:, :FEATURES]
    batch.clear()


def events_by_pose(labelled: LabelledVideo, path: Path) -> list[PushOffEvent]:
    """Push-offs from speed and height of the foot landmarks alone.

    The motion of a panning camera is removed; times are the same as for the other systems.
    """
    video = labelled.example.features
    if video.direction is None:
        return []
    boxes = video.track.boxes
    images = (
        pose_input(frame.image, boxes[frame.ref.index])
        if video.track.found[frame.ref.index]
        else None
        for frame in decode(path, video.info).frames()
    )
    landmarks = to_full_size(find_pose(images), boxes)
    if video.track.drift_px is not None:
        landmarks[..., :2] += video.track.drift_px[:, None, :]
    return spot_with_pose_rules(landmarks, video.times_s, video.direction)
