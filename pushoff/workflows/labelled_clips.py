"""Labelled clips, made ready for the event model."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pushoff.errors import BadInput
from pushoff.events.ground_truth import GroundTruth, load_ground_truths
from pushoff.services import Services
from sdk_scripts.jobs import stderr

if TYPE_CHECKING:
    from pushoff.learning.event.extract_features import OnProgress
    from pushoff.learning.event.feature_extractor import Augmentation, FeatureExtractor
    from pushoff.learning.event.training import LabelledVideo
    from pushoff.learning.event.video_features import VideoFeatures

UNKNOWN_SLOW_MOTION_FPS = 150.0
"""Camera rate of a slow-motion clip that does not say it: that of triple-speed broadcast cameras
where mains is 50 Hz. Used to choose how far apart pictures are compared, never to tell seconds."""


def ground_truths_of(folders: Sequence[Path]) -> dict[Path, GroundTruth]:
    """Every labelled clip of the folders; a folder named twice counts once. Raises BadInput."""
    found: dict[Path, GroundTruth] = {}
    for folder in folders:
        if not folder.is_dir():
            raise BadInput(f"{folder} is not a folder of clips with an events.json")
        found |= load_ground_truths(folder.resolve())
    return found


def clip_name(path: Path, paths: Sequence[Path]) -> str:
    """The file's name, with as many of its folders as tell it from the other clips."""
    for depth in range(1, len(path.parts)):
        tail = path.parts[-depth:]
        if sum(other.parts[-depth:] == tail for other in paths) <= 1:
            return "/".join(tail)
    return str(path)


def assumed_capture_fps(truth: GroundTruth) -> float:
    """The camera's rate, frames/s: as written down, else what slow motion usually is."""
    return truth.capture_fps if truth.capture_known else UNKNOWN_SLOW_MOTION_FPS


def load_video_features(
    services: Services,
    path: Path,
    truth: GroundTruth,
    trunk: "FeatureExtractor",
    wanted: "tuple[Augmentation, ...]",
) -> "VideoFeatures":
    """A labelled clip's description. Raises VideoRefused, BadInput when the labels are not its."""
    from pushoff.learning.event.extract_features import load_or_extract

    video = load_or_extract(
        services.storage, path, assumed_capture_fps(truth), trunk, wanted, scratch=services.scratch
    )
    check_labels(path, truth, len(video.times_s), (video.info.width_px, video.info.height_px))
    return video


def check_labels(path: Path, truth: GroundTruth, frames: int, size_px: tuple[int, int]) -> None:
    """Raises BadInput when the labels are not this video's; says so when they differ by a frame.

    A frame more or less is what players make of a file's end; a phone's video may be written down
    lying or standing.
    """
    if abs(frames - truth.frames) > 1:
        raise BadInput(
            f"{path} has {frames} frames, its events.json says {truth.frames}: the labels belong "
            "to another file"
        )
    if frames != truth.frames:
        stderr.print(
            f"  {path.name} has {frames} frames, its events.json says {truth.frames}: check that "
            "the labels belong to this file"
        )
    known = (truth.width_px or size_px[0], truth.height_px or size_px[1])
    if sorted(known) != sorted(size_px):
        raise BadInput(
            f"{path} is {size_px[0]} x {size_px[1]} pixels, its events.json says {known[0]} x "
            f"{known[1]}: the labels belong to another file, or width and height are wrong there"
        )


def labelled_videos(
    services: Services,
    folders: Sequence[Path],
    trunk: "FeatureExtractor",
    wanted: "tuple[Augmentation, ...]",
    say: "OnProgress",
) -> "list[LabelledVideo]":
    """Every labelled clip of the folders, described. Raises BadInput, VideoRefused."""
    from pushoff.learning.event.fit_head import TrainingExample
    from pushoff.learning.event.targets import frame_targets
    from pushoff.learning.event.training import LabelledVideo, group_near_duplicates

    truths = ground_truths_of(folders)
    videos = []
    for number, (path, truth) in enumerate(truths.items(), 1):
        say({"stage": "describing clips", "task": number, "tasks": len(truths)})
        video = load_video_features(services, path, truth, trunk, wanted)
        name = clip_name(path, list(truths))
        # which leg is near follows from where the athlete was seen to go, if nobody wrote it down
        told = replace(truth, direction=truth.direction or video.direction)
        lesson = TrainingExample(video, frame_targets(told, len(video.times_s), video.step))
        videos.append(LabelledVideo(name, truth.athlete or name, lesson, truth, truth.footage))
    return group_near_duplicates(videos)
