"""Labelled clips for `benchmarks.suggestions`: features, and the frames that ingest makes tasks of.

Both are kept in a folder, so that a second run takes seconds.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from pushoff.events.ground_truth import GroundTruth, load_ground_truths
from pushoff.learning.features.extract_features import load_or_extract
from pushoff.learning.features.feature_extractor import WITH_MIRROR, load_feature_extractor
from pushoff.learning.features.video_features import VideoFeatures
from pushoff.services import Services
from pushoff.settings import Settings
from pushoff.values import Label
from pushoff.video.frame_selection import choose_frames
from pushoff.video.scan import scan_video
from pushoff.workflows.steps.data.labelled_clips import assumed_capture_fps
from pushoff.workflows.steps.data.training_data import labels_of_truth


@dataclass(frozen=True, eq=False)
class Clip:
    """One labelled clip with its features, and the frames that ingest makes tasks of."""

    place: str
    name: str
    truth: GroundTruth
    features: VideoFeatures
    chosen: tuple[int, ...]
    """In the order of ingest."""

    @cached_property
    def labels(self) -> dict[int, Label]:
        """The answer to each frame that has one."""
        return labels_of_truth(self.truth, np.asarray(self.features.times_s))


def load_clips(data: Path, places: tuple[str, ...], weights: str, out: Path) -> list[Clip]:
    """Every labelled clip of the folders; features and chosen frames are kept in `out`."""
    services = Services(Settings(_env_file=None, data_dir=out, weights=weights))
    settings = services.settings
    extractor, _ = load_feature_extractor("resnet18", settings.weights, settings.size_px)
    clips = []
    for place in places:
        for path, truth in load_ground_truths((data / place).resolve()).items():
            rate = assumed_capture_fps(truth)
            features = load_or_extract(
                services.storage, path, rate, extractor, WITH_MIRROR, scratch=services.scratch
            )
            chosen = _chosen(services, path, rate, features.sha256)
            clips.append(Clip(place, path.stem, truth, features, chosen))
    return clips


def _chosen(services: Services, path: Path, rate: float, sha256: str) -> tuple[int, ...]:
    key = f"chosen/{sha256[:16]}.json"
    if not services.storage.exists(key):
        with scan_video(path, rate, services.scratch) as scan:
            frames = choose_frames(
                scan.track,
                scan.times_s,
                float(scan.info.capture_rate),
                services.settings.frames_per_video,
                thumbnails=scan.images,
            )
        services.storage.write_json(key, [int(frame) for frame in frames])
    return tuple(services.storage.read_json(key))
