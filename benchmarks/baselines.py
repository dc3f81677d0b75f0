"""Baselines of the event model: whole images, and rules on pose landmarks."""

from collections import deque
from dataclasses import replace
from pathlib import Path

import numpy as np

from pushoff.events.pose_rules import spot_with_pose_rules
from pushoff.events.values import PushOffEvent
from pushoff.learning.event.fit_model import LabelledVideo
from pushoff.learning.event.video_features import VIEWS, VideoFeatures
from pushoff.learning.feature_extractor import Augmentation, FeatureExtractor
from pushoff.learning.frame.classifier import crop_and_resize
from pushoff.learning.network import FEATURES
from pushoff.video.decoding.decode import decode
from pushoff.video.pose import find_pose, pose_input, to_full_size

_BATCH = 32


def whole_image_video(known: LabelledVideo, path: Path, trunk: FeatureExtractor) -> VideoFeatures:
    """The video as features of whole frames resized to the network's input, the plain method.

    Every frame counts as one with an athlete: without a tracker nobody knows better.
    """
    video = known.example.features
    described = {
        variant: {
            view: np.zeros((len(video.times_s), width), np.float16) for view, width in VIEWS.items()
        }
        for variant in video.views
    }
    waiting: deque[tuple[int, np.ndarray]] = deque()
    for frame in decode(path, video.info).frames():
        waiting.append((frame.ref.index, crop_and_resize(frame.image, None, trunk.size_px)))
        if len(waiting) == _BATCH:
            _describe(waiting, described, trunk)
    if waiting:
        _describe(waiting, described, trunk)
    track = replace(video.track, found=(True,) * len(video.times_s))
    return replace(video, views=described, track=track)


def _describe(
    waiting: deque[tuple[int, np.ndarray]],
    described: dict[Augmentation, dict[str, np.ndarray]],
    trunk: FeatureExtractor,
) -> None:
    indices = [index for index, _ in waiting]
    pictures = np.stack([picture for _, picture in waiting])
    for variant, views in described.items():
        views["colours"][indices] = trunk.extract(pictures, variant)[:, :FEATURES]
    waiting.clear()


def events_by_pose(known: LabelledVideo, path: Path) -> list[PushOffEvent]:
    """Push-offs from the foot landmarks' speed and height alone; a panning camera's motion is
    taken out of them, and the video's times are those every other system is given."""
    video = known.example.features
    if video.direction is None:
        return []
    boxes = video.track.boxes
    pictures = (
        pose_input(frame.image, boxes[frame.ref.index])
        if video.track.found[frame.ref.index]
        else None
        for frame in decode(path, video.info).frames()
    )
    landmarks = to_full_size(find_pose(pictures), boxes)
    if video.track.drift_px is not None:
        landmarks[..., :2] += video.track.drift_px[:, None, :]
    return spot_with_pose_rules(landmarks, video.times_s, video.direction)
