"""Videos in storage whose features are there already, what models say of them, and services."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from pushoff.events.ground_truth import GroundTruth
from pushoff.learning.features.extract_features import features_key
from pushoff.learning.features.feature_extractor import WITH_MIRROR, FeatureExtractor
from pushoff.learning.features.video_features import VideoFeatures, features_to_bytes
from pushoff.learning.heads.training_data import TrainingData
from pushoff.learning.model.held_out_predictions import HeldOutPredictions, HeldOutVideo
from pushoff.services import Services, open_services
from pushoff.settings import Settings
from pushoff.storage.videos import add_video
from pushoff.util.file_digest import sha256_of
from pushoff.values import Exercise
from tests.unit.learning.event_samples import video_of
from tests.unit.studio.serving import Answer, Seen, serve


@contextmanager
def worker_services(
    redis_url: str, data_dir: Path, answer: Callable[[Seen], Answer], **changes: Any
) -> Iterator[Services]:
    """A worker's services, connected to a Label Studio that says `answer`."""
    with serve(answer) as server:
        settings = Settings(
            _env_file=None,
            data_dir=data_dir,
            redis_url=redis_url,
            job_secret="k" * 32,
            label_studio_url=server.url,
            label_studio_token="0" * 40,
            **changes,
        )
        with open_services(settings) as opened:
            yield opened


def stored_video(
    services: Services,
    name: str,
    extractor: FeatureExtractor,
    truth: GroundTruth,
    *,
    athlete: str = "ana",
    seed: int = 0,
    posed: bool = False,
    capture_fps: float | None = None,
) -> tuple[str, VideoFeatures]:
    """The id and features of a video; its file is a text and is never decoded."""
    path = services.scratch / name
    path.write_text(name)
    features = replace(video_of(truth, seed, posed=posed), sha256=sha256_of(path))
    key = features_key(features.sha256, capture_fps, extractor, WITH_MIRROR)
    services.storage.write(key, features_to_bytes(features))
    video = add_video(
        services.storage, path, athlete=athlete, exercise=Exercise.STEPS, capture_fps=capture_fps
    )
    return video.video_id, features


def held_out_of(data: TrainingData, shift: int = 0) -> HeldOutPredictions:
    """Certain predictions for every video: its labelled push-offs, moved by `shift` frames."""
    videos = {}
    for video in data.videos:
        count = len(video.features.times_s)
        found = np.zeros(count, bool)
        found[np.clip(video.frames[video.rows.labels == 1] + shift, 0, count - 1)] = True
        p = np.where(found, 0.9, 0.1).astype(np.float32)
        videos[video.video_id] = HeldOutVideo(p, found, p, tuple(np.flatnonzero(found).tolist()))
    pictures = {
        name: 0.9 if label else 0.1
        for name, label in zip(data.pictures.names, data.pictures.rows.labels, strict=True)
    }
    return HeldOutPredictions(videos, pictures)
