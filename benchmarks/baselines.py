"""A baseline of the sequence head: features of whole images."""

from collections import deque
from dataclasses import replace
from pathlib import Path

import numpy as np

from pushoff.learning.backbone.network import FEATURES
from pushoff.learning.features.feature_extractor import Augmentation, FeatureExtractor
from pushoff.learning.features.video_features import VIEWS, VideoFeatures
from pushoff.video.decoding.decode import decode
from pushoff.video.event_inputs import athlete_crop

_BATCH = 32


def whole_image_features(
    video: VideoFeatures, path: Path, extractor: FeatureExtractor
) -> VideoFeatures:
    """The video as features of whole frames resized to the network's input, the plain method.

    Every frame counts as one with the athlete, because there is no tracker.
    """
    views = {
        augmentation: {
            view: np.zeros((len(video.times_s), width), np.float16) for view, width in VIEWS.items()
        }
        for augmentation in video.views
    }
    batch: deque[tuple[int, np.ndarray]] = deque()
    for frame in decode(path, video.info).frames():
        batch.append((frame.ref.index, athlete_crop(frame.image, None, extractor.size_px)))
        if len(batch) == _BATCH:
            _extract(batch, views, extractor)
    if batch:
        _extract(batch, views, extractor)
    track = replace(video.track, found=(True,) * len(video.times_s))
    return replace(video, views=views, track=track, landmarks=np.full_like(video.landmarks, np.nan))


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
