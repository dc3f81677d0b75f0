"""Videos as the heads see them, made of numbers that say what is on the ground."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import torch

from pushoff.events.ground_truth import GroundTruth
from pushoff.events.values import Direction
from pushoff.learning.backbone.network import FEATURES, Preprocessing, create_network
from pushoff.learning.features.feature_extractor import MIRRORED, PLAIN, FeatureExtractor
from pushoff.learning.features.video_features import VIEWS, VideoFeatures
from pushoff.learning.heads.fit_model import FitConfig, fit_model
from pushoff.learning.heads.fit_sequence import SequenceConfig
from pushoff.learning.heads.head_config import HeadConfig
from pushoff.learning.heads.targets import TrainingExample
from pushoff.learning.heads.training_data import (
    NO_FOLD,
    LabelledRows,
    LonePictures,
    TrainingData,
    TrainingVideo,
)
from pushoff.learning.model.model import PushOffModel
from pushoff.values import Box, SplitBy, VideoInfo
from pushoff.video.pose import LANDMARKS
from pushoff.video.tracking.athlete import AthleteTrack
from pushoff.workflows.steps.data.training_data import labels_of_truth
from tests.unit.learning.learning_samples import card

QUICK = HeadConfig(steps=100, batch=8)
CONFIG = SequenceConfig(views=("colours",), width=16, dilations=(1, 2), fit=QUICK)
FIT = FitConfig(CONFIG)
FEW = FitConfig(SequenceConfig(("rise",), 16, (1, 2), HeadConfig(steps=12, batch=8)))
"""Where it does not matter how good a model is."""
CONTACT, FLIGHT = 4, 8
"""Pictures at 30/s."""
HEIGHT_PX, SPEED = 100.0, 4.0
"""Of the body, and in body heights per second."""


def known(count: int, step: int = 1, direction: str = "right") -> GroundTruth:
    """A video of `count` push-offs, alternating feet, at 30 times `step` frames/s."""
    downs = [(FLIGHT + number * (CONTACT + FLIGHT)) * step for number in range(count)]
    return GroundTruth(
        capture_fps=30.0 * step,
        frames=(count * (CONTACT + FLIGHT) + FLIGHT) * step,
        push_off_frames=tuple(down + CONTACT * step - 1 for down in downs),
        feet=tuple(("left", "right")[number % 2] for number in range(count)),
        approach=(False,) * count,
        uncertainty_frames=(0,) * count,
        complete_from=0,
        complete_to=(count * (CONTACT + FLIGHT) + FLIGHT) * step - 1,
        footage="synthetic",
        slow_motion=False,
        direction=Direction(direction),
        touch_down_frames=tuple(downs),
    )


def video_of(
    truth: GroundTruth, seed: int = 0, *, seen: bool = True, posed: bool = False
) -> VideoFeatures:
    """A video whose features say contact, contact's end and leg, in noise.

    `posed`: with the landmarks of a body, in which the pose rules find the same push-offs.
    """
    count, rng = truth.frames, np.random.default_rng(seed)
    step = max(round(truth.capture_fps / 30), 1)
    features = rng.normal(0, 0.3, (count, FEATURES))
    near = truth.direction.near_foot.value if truth.direction else "right"
    pairs = zip(truth.touch_down_frames, truth.push_off_frames, truth.feet, strict=True)
    for down, up, foot in pairs:
        features[down : up + 1, :40] += 2
        features[up + 1 - step : up + 1, 40:80] += 2
        features[down : up + 1, 80:120] += 2 if foot == near else -2
    rate = Fraction(truth.capture_fps).limit_denominator(1001)
    return VideoFeatures(
        sha256=f"{seed:064x}",
        info=VideoInfo(320, 180, rate, rate, count / truth.capture_fps, 0, count, "h264"),
        times_s=np.arange(count) / truth.capture_fps,
        track=AthleteTrack(
            boxes=(Box(10, 20, 80, 80),) * count,
            found=(seen,) * count,
            centres_px=np.full((count, 2), 50.0),
            full_size=(320, 180),
            note="one athlete",
            direction=truth.direction.value if truth.direction else None,
            warnings=("a warning",),
        ),
        step=step,
        views={
            variant: {view: features[:, :width].astype(np.float16) for view, width in VIEWS.items()}
            for variant in (PLAIN, MIRRORED)
        },
        landmarks=landmarks_of(truth, seen=seen and posed),
    )


def landmarks_of(truth: GroundTruth, *, seen: bool = True) -> np.ndarray:
    """(N, 33, 4) of a body that travels at one speed; a toe on the ground stays where it is."""
    count = truth.frames
    if not seen:
        return np.full((count, LANDMARKS, 4), np.nan, np.float32)
    sign = -1 if truth.direction is Direction.LEFT else 1
    hips = 1000 + sign * SPEED * HEIGHT_PX * np.arange(count) / truth.capture_fps
    points = np.full((count, LANDMARKS, 4), 0.9)
    points[..., 0] = hips[:, None]
    points[..., 1] = 500 - 0.55 * HEIGHT_PX
    points[:, (25, 26), 1] += 0.245 * HEIGHT_PX
    points[:, (27, 28), 1] += 0.491 * HEIGHT_PX
    points[:, (31, 32), 1] = 500 - 0.3 * HEIGHT_PX
    pairs = zip(truth.touch_down_frames, truth.push_off_frames, truth.feet, strict=True)
    for down, up, foot in pairs:
        toe = 31 if foot == "left" else 32
        points[down : up + 1, toe, 0] = hips[(down + up) // 2]
        points[down : up + 1, toe, 1] = 500
    return points.astype(np.float32)


def rows(labels: Sequence[int], folds: int | Sequence[int], accepted: float = 0) -> LabelledRows:
    """What people answered; with `accepted`, accepted suggestions of this weight."""
    count = len(labels)
    return LabelledRows(
        labels=np.array(labels, int),
        folds=np.broadcast_to(np.array(folds, int), count).copy(),
        weights=np.full(count, accepted or 1.0),
        unaided=np.full(count, not accepted),
    )


def known_video(
    name: str, group: str, count: int = 6, seed: int = 0, step: int = 1,
    fold: int | np.ndarray = 0, *, posed: bool = False,
) -> TrainingVideo:  # fmt: skip
    """A video on which everything is marked; `fold` may be that of each frame."""
    truth = known(count, step)
    features = video_of(truth, seed, posed=posed)
    labels = labels_of_truth(truth, features.times_s)
    return labelled_video(name, group, features, labels, fold, truth)


def known_videos(groups: Sequence[str], **more: Any) -> list[TrainingVideo]:
    """One video for each group named, no two with the same noise; a fold for each group."""
    folds = {group: fold for fold, group in enumerate(dict.fromkeys(groups))}
    return [
        known_video(f"{number:016x}", group, seed=number + 1, fold=folds[group], **more)
        for number, group in enumerate(groups)
    ]


def frame_labelled_video(
    name: str, group: str, seed: int = 50, fold: int | np.ndarray = 0, *,
    labels: Mapping[int, int] | None = None, posed: bool = False, accepted: float = 0,
) -> TrainingVideo:  # fmt: skip
    """A video of which only some frames are labelled: each push-off, and four beside it."""
    truth = known(10)
    if labels is None:
        labels = {up + by: int(by == 0) for up in truth.push_off_frames for by in (-6, -2, 0, 1, 4)}
    features = video_of(truth, seed, posed=posed)
    return labelled_video(name, group, features, labels, fold, None, accepted)


def labelled_video(
    name: str, group: str, features: VideoFeatures, labels: Mapping[int, int],
    fold: int | np.ndarray, truth: GroundTruth | None, accepted: float = 0,
) -> TrainingVideo:  # fmt: skip
    """A video with labels by frame; `fold` may be that of each frame."""
    frames = np.array(sorted(labels), int)
    folds = np.broadcast_to(np.asarray(fold, int), len(features.times_s)).copy()
    answers = rows([int(labels[frame]) for frame in frames.tolist()], folds[frames], accepted)
    return TrainingVideo(name, group, features, folds, frames, answers, truth, "synthetic")


def in_two_halves() -> tuple[np.ndarray, list[TrainingVideo]]:
    """Two videos, each divided in time with a gap between its folds, and the fold of each frame."""
    count = len(known_video("v", "v", 10).frame_folds)
    folds = np.repeat([0, NO_FOLD, 1], [60, 8, count - 68])
    return folds, [known_video(f"{n:016x}", "v", 10, n, fold=folds) for n in (1, 2)]


def examples(videos: Sequence[TrainingVideo]) -> list[TrainingExample]:
    """What a sequence head learns from the videos."""
    return [example for video in videos if (example := video.example()) is not None]


def lone_pictures(
    labels: Sequence[int] = (), folds: int | Sequence[int] = 0, seed: int = 90
) -> LonePictures:
    """Pictures that belong to no video, with features like those of a video's frames."""
    rng = np.random.default_rng(seed)
    features = rng.normal(0, 0.3, (len(labels), FEATURES))
    features[np.array(labels, int) == 1, :80] += 2
    return LonePictures(
        names=tuple(f"{seed:016x}{number:016x}" for number in range(len(labels))),
        groups=tuple(f"clip{fold}" for fold in np.broadcast_to(folds, len(labels))),
        features=features.astype(np.float16),
        rows=rows(labels, folds),
        footage=("synthetic",) * len(labels),
    )


def training_data_of(
    videos: Sequence[TrainingVideo],
    pictures: LonePictures | None = None,
    split_by: SplitBy = "athlete",
) -> TrainingData:
    """Videos of different athletes, by default without lone pictures."""
    return TrainingData(videos, pictures or lone_pictures(), split_by)


def small_model(videos: Sequence[TrainingVideo], **changes: object) -> PushOffModel:
    """A model that is fitted on the videos in a second; `changes` are those of its card."""
    data = training_data_of(videos)
    return fit_model(small_extractor(), data, card(**{"size_px": 64, **changes}), FIT)


def small_extractor(size_px: int = 64) -> FeatureExtractor:
    """A resnet18 of random weights, always the same ones."""
    torch.manual_seed(3)
    network = create_network("resnet18").requires_grad_(False)
    return FeatureExtractor(network, "resnet18", Preprocessing(size_px), "random")


def same(one: VideoFeatures, other: VideoFeatures) -> bool:
    """Whether two videos say the same in every part."""
    facts = [
        (f.sha256, f.info, f.step, f.track.boxes, f.track.found, f.track.full_size, f.track.note,
         f.track.camera, f.track.direction, f.track.warnings, f.track.cuts)
        for f in (one, other)
    ]  # fmt: skip
    arrays = [
        [
            f.times_s,
            f.track.centres_px,
            f.landmarks,
            *(seen[view] for seen in f.views.values() for view in VIEWS),
        ]
        for f in (one, other)
    ]
    drift = [f.track.drift_px for f in (one, other)]
    return (
        facts[0] == facts[1]
        and one.views.keys() == other.views.keys()
        and all(np.array_equal(*pair, equal_nan=True) for pair in zip(*arrays, strict=True))
        and (drift[0] is None) == (drift[1] is None)
        and (drift[0] is None or np.array_equal(*drift))
    )
