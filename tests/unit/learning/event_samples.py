"""Videos as the temporal heads see them, made of numbers that say what is on the ground."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

import numpy as np
import torch

from pushoff.events.ground_truth import GroundTruth
from pushoff.events.values import Direction
from pushoff.learning.backbone.network import FEATURES, Preprocessing, create_network
from pushoff.learning.features.feature_extractor import MIRRORED, PLAIN, FeatureExtractor
from pushoff.learning.features.video_features import VIEWS, VideoFeatures
from pushoff.learning.heads.fit_head import HeadConfig
from pushoff.learning.heads.fit_model import FitConfig, fit_model
from pushoff.learning.heads.fit_sequence import SequenceConfig
from pushoff.learning.heads.training_data import (
    LabelledRows,
    LonePictures,
    TrainingData,
    TrainingVideo,
)
from pushoff.learning.model.model import PushOffModel
from pushoff.values import Box, Label, VideoInfo
from pushoff.video.tracking.athlete import AthleteTrack
from pushoff.workflows.steps.training_data import labels_of_truth
from tests.unit.learning.learning_samples import card

QUICK = HeadConfig(steps=60, batch=8)
CONFIG = SequenceConfig(views=("colours",), width=16, dilations=(1, 2), fit=QUICK)
CONTACT, FLIGHT = 4, 8
"""Pictures at 30/s."""


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


def video_of(truth: GroundTruth, seed: int = 0, *, seen: bool = True) -> VideoFeatures:
    """A video whose features say contact, contact's end and leg, in noise."""
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
    )


def known_video(
    name: str, group: str, count: int = 6, seed: int = 0, step: int = 1, fold: int = 0
) -> TrainingVideo:
    """A video on which everything is marked, each frame of which is labelled."""
    truth = known(count, step)
    features = video_of(truth, seed)
    labels = labels_of_truth(truth, features.times_s)
    return labelled_video(name, group, features, labels, fold, truth)


def frame_labelled_video(name: str, group: str, seed: int = 50, fold: int = 0) -> TrainingVideo:
    """A video with some labelled frames and without ground truth."""
    truth = known(10)
    labels = {frame: Label.PUSH_OFF for frame in truth.push_off_frames}
    for frame in truth.push_off_frames:
        labels |= {frame + offset: Label.NOT_PUSH_OFF for offset in (-6, -2, 1, 4)}
    return labelled_video(name, group, video_of(truth, seed), labels, fold, None)


def labelled_video(
    name: str,
    group: str,
    features: VideoFeatures,
    labels: Mapping[int, Label],
    fold: int,
    truth: GroundTruth | None,
) -> TrainingVideo:
    """A video with labels by frame, all in one fold."""
    frames = np.array(sorted(labels), int)
    rows = LabelledRows(
        labels=np.array([int(labels[frame]) for frame in frames], int),
        folds=np.full(len(frames), fold),
        weights=np.ones(len(frames)),
        unaided=np.ones(len(frames), bool),
    )
    folds = np.full(len(features.times_s), fold)
    return TrainingVideo(name, group, features, folds, frames, rows, truth, "synthetic")


def known_videos(groups: Sequence[str], **more: int) -> list[TrainingVideo]:
    """One video for each group named, no two with the same noise; a fold for each group."""
    folds = {group: fold for fold, group in enumerate(dict.fromkeys(groups))}
    return [
        known_video(f"{number:016x}", group, seed=number + 1, fold=folds[group], **more)
        for number, group in enumerate(groups)
    ]


def training_data_of(videos: Sequence[TrainingVideo]) -> TrainingData:
    """Videos of different athletes, without lone pictures."""
    none = np.zeros(0, int)
    rows = LabelledRows(none, none, np.zeros(0), np.zeros(0, bool))
    pictures = LonePictures((), (), np.zeros((0, FEATURES), np.float16), rows)
    return TrainingData(videos, pictures, "athlete")


def small_model(videos: Sequence[TrainingVideo], **changes: object) -> PushOffModel:
    """A model that is fitted on the videos in a second; `changes` are those of its card."""
    data = training_data_of(videos)
    made = card(**{"size_px": 64, **changes})
    return fit_model(small_extractor(), data, made, FitConfig(CONFIG))


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
            *(seen[view] for seen in f.views.values() for view in VIEWS),
        ]
        for f in (one, other)
    ]
    drifts = [f.track.drift_px for f in (one, other)]
    return (
        facts[0] == facts[1]
        and one.views.keys() == other.views.keys()
        and all(np.array_equal(*pair) for pair in zip(*arrays, strict=True))
        and ((drifts[0] is None) == (drifts[1] is None))
        and (drifts[0] is None or np.array_equal(*drifts))
    )
