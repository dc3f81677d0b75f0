"""Small models: random networks and heads, which give the same numbers every time."""

import dataclasses
from fractions import Fraction
from pathlib import Path

import numpy as np
import torch

from pushoff.events.spotting import SpottingConfig
from pushoff.learning.backbone.network import FEATURES, Preprocessing, create_network
from pushoff.learning.features.feature_extractor import WITH_MIRROR, FeatureExtractor
from pushoff.learning.features.video_features import VIEWS, VideoFeatures
from pushoff.learning.model.model import PushOffModel
from pushoff.learning.model.model_file import save_model
from pushoff.learning.model.picture_head import PictureHead
from pushoff.learning.model.sequence_head import SequenceHead, SequenceSettings
from pushoff.learning.model.temporal_head import TemporalHead, head_shape
from pushoff.values import Box, ModelCard, VideoInfo
from pushoff.video.pose import LANDMARKS
from pushoff.video.tracking.athlete import AthleteTrack
from tests.unit.learning.learning_samples import card

VIEW, WIDTH, DILATIONS = "colours", 8, (1, 2)
"""Of the one temporal head of a tiny model."""


def tiny_model(seed: int = 1, size_px: int = 32, sequence: bool = False) -> PushOffModel:
    """A random ResNet18 that sees `size_px` pixels, with a random head for pictures.

    `sequence` adds a random head for videos. Another seed gives other weights.
    """
    torch.manual_seed(seed)
    network = create_network("resnet18").requires_grad_(False)
    extractor = FeatureExtractor(network, "resnet18", Preprocessing(size_px), "random")
    weight = np.random.default_rng(seed).normal(0, 0.1, FEATURES).astype(np.float32)
    return PushOffModel(
        card=card(seed=seed, size_px=size_px),
        extractor=extractor,
        picture=PictureHead(weight, bias=0.0),
        sequence=_sequence_head() if sequence else None,
    )


def save_tiny_model(
    folder: Path,
    seed: int = 1,
    size_px: int = 32,
    sequence: bool = False,
    **card_changes: object,
) -> ModelCard:
    """Write a `tiny_model`, with other values on its card where they are given."""
    model = tiny_model(seed, size_px, sequence)
    return save_model(
        folder, dataclasses.replace(model, card=dataclasses.replace(model.card, **card_changes))
    )


def tiny_features(video_id: str = "0" * 16, frames: int = 24, seed: int = 0) -> VideoFeatures:
    """Random features of a video with the athlete in every frame, at 30 frames/s."""
    rng = np.random.default_rng(seed)
    return VideoFeatures(
        sha256=video_id.ljust(64, "0"),
        info=VideoInfo(320, 180, Fraction(30), Fraction(30), frames / 30, 0, frames, "h264"),
        times_s=np.arange(frames) / 30,
        track=AthleteTrack(
            boxes=(Box(10, 20, 80, 80),) * frames,
            found=(True,) * frames,
            centres_px=np.full((frames, 2), 50.0),
            full_size=(320, 180),
            note="one athlete",
            direction="right",
        ),
        step=1,
        views={
            augmentation: {
                view: rng.normal(0, 1, (frames, width)).astype(np.float16)
                for view, width in VIEWS.items()
            }
            for augmentation in WITH_MIRROR
        },
        landmarks=np.full((frames, LANDMARKS, 4), np.nan, np.float32),
    )


def _sequence_head() -> SequenceHead:
    head = TemporalHead(head_shape(VIEW, WIDTH, DILATIONS))
    settings = SequenceSettings(
        width=WIDTH,
        dilations=DILATIONS,
        head_views=(VIEW,),
        priors=(0.0, 0.0),
        spotting=SpottingConfig(),
        spread_ms=12.0,
        knows_approach=False,
    )
    return SequenceHead([head], settings)
