"""Folders of labelled clips, read and turned into features."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pushoff.errors import BadInput
from pushoff.events.ground_truth import GroundTruth, load_ground_truths
from pushoff.services import Services
from pushoff.util.progress import OnProgress, ignore_progress

if TYPE_CHECKING:
    from pushoff.learning.features.feature_extractor import FeatureExtractor
    from pushoff.learning.features.video_features import VideoFeatures

log = logging.getLogger(__name__)

UNKNOWN_SLOW_MOTION_FPS = 150.0
"""Assumed camera rate, frames/s, of a slow-motion clip whose rate is not known: that of
triple-speed broadcast cameras where mains is 50 Hz. It sets how far apart frames are compared;
no time in seconds is computed from it."""


def ground_truths_of(folders: Sequence[Path]) -> dict[Path, GroundTruth]:
    """Every labelled clip of the folders; a folder named twice counts once. Raises BadInput."""
    truths: dict[Path, GroundTruth] = {}
    for folder in folders:
        if not folder.is_dir():
            raise BadInput(f"{folder} is not a folder of clips with an events.json")
        truths |= load_ground_truths(folder.resolve())
    return truths


def clip_name(path: Path, paths: Sequence[Path]) -> str:
    """The file's name, with as many parent folders as distinguish it from the other clips."""
    for depth in range(1, len(path.parts)):
        tail = path.parts[-depth:]
        if sum(other.parts[-depth:] == tail for other in paths) <= 1:
            return "/".join(tail)
    return str(path)


def assumed_capture_fps(truth: GroundTruth) -> float:
    """The camera's rate, frames/s: as labelled, else UNKNOWN_SLOW_MOTION_FPS."""
    return truth.capture_fps if truth.capture_known else UNKNOWN_SLOW_MOTION_FPS


def load_video_features(
    services: Services,
    path: Path,
    truth: GroundTruth,
    extractor: "FeatureExtractor",
    on_progress: OnProgress = ignore_progress,
) -> "VideoFeatures":
    """A labelled clip's features. Raises VideoRefused, and BadInput for labels of another video."""
    from pushoff.learning.features.extract_features import load_or_extract
    from pushoff.learning.features.feature_extractor import WITH_MIRROR

    video = load_or_extract(
        services.storage,
        path,
        assumed_capture_fps(truth),
        extractor,
        WITH_MIRROR,
        on_progress,
        services.scratch,
    )
    check_labels(path, truth, len(video.times_s), (video.info.width_px, video.info.height_px))
    return video


def check_labels(path: Path, truth: GroundTruth, frames: int, size_px: tuple[int, int]) -> None:
    """Raises BadInput when the labels are another video's; warns when they differ by a frame.

    Players disagree on the last frame of a file, so one frame more or less is accepted. Width and
    height may be swapped: a phone's video may be labelled before or after rotation.
    """
    if abs(frames - truth.frames) > 1:
        raise BadInput(
            f"{path} has {frames} frames, but events.json gives {truth.frames} frames. The labels "
            "probably belong to another file.",
            code="labels_of_another_video",
        )
    if frames != truth.frames:
        log.warning(
            "%s has %d frames, but events.json gives %d: check that the labels belong to this file",
            path.name,
            frames,
            truth.frames,
        )
    labelled_px = (truth.width_px or size_px[0], truth.height_px or size_px[1])
    if sorted(labelled_px) != sorted(size_px):
        raise BadInput(
            f"{path} is {size_px[0]} x {size_px[1]} pixels, but events.json gives {labelled_px[0]} "
            f"x {labelled_px[1]} pixels. The labels probably belong to another file, or width and "
            "height are wrong there.",
            code="labels_of_another_video",
        )
