"""Labelled clips, made ready for the event model."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pushoff.errors import BadInput
from pushoff.events.ground_truth import Truth, load_truths
from pushoff.services import Services
from sdk_scripts.jobs import aside

if TYPE_CHECKING:
    from pushoff.learning.event.extract_features import Say
    from pushoff.learning.event.feature_extractor import Trunk, Variant
    from pushoff.learning.event.training import LabelledVideo
    from pushoff.learning.event.video_features import VideoFeatures

UNKNOWN_SLOW_MOTION_FPS = 150.0
"""Camera rate of a slow-motion clip that does not say it: that of triple-speed broadcast cameras
where mains is 50 Hz. Used to choose how far apart pictures are compared, never to tell seconds."""


def truths_of(folders: Sequence[Path]) -> dict[Path, Truth]:
    """Every labelled clip of the folders; a folder named twice counts once. Raises BadInput."""
    found: dict[Path, Truth] = {}
    for folder in folders:
        if not folder.is_dir():
            raise BadInput(f"{folder} is not a folder of clips with an events.json")
        found |= load_truths(folder.resolve())
    return found


def clip_name(path: Path, paths: Sequence[Path]) -> str:
    """The file's name, with as many of its folders as tell it from the other clips."""
    for depth in range(1, len(path.parts)):
        tail = path.parts[-depth:]
        if sum(other.parts[-depth:] == tail for other in paths) <= 1:
            return "/".join(tail)
    return str(path)


def rate_of(truth: Truth) -> float:
    """The camera's rate, frames/s: as written down, else what slow motion usually is."""
    return truth.capture_fps if truth.capture_known else UNKNOWN_SLOW_MOTION_FPS


def clip_video(
    services: Services,
    path: Path,
    truth: Truth,
    trunk: "Trunk",
    wanted: "tuple[Variant, ...]",
) -> "VideoFeatures":
    """A labelled clip's description. Raises VideoRefused, BadInput when the labels are not its."""
    from pushoff.learning.event.extract_features import load_or_extract

    video = load_or_extract(
        services.storage, path, rate_of(truth), trunk, wanted, scratch=services.scratch
    )
    check_labels(path, truth, len(video.times_s), (video.info.width_px, video.info.height_px))
    return video


def check_labels(path: Path, truth: Truth, frames: int, size_px: tuple[int, int]) -> None:
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
        aside.print(
            f"  {path.name} has {frames} frames, its events.json says {truth.frames}: check that "
            "the labels belong to this file"
        )
    known = (truth.width_px or size_px[0], truth.height_px or size_px[1])
    if sorted(known) != sorted(size_px):
        raise BadInput(
            f"{path} is {size_px[0]} x {size_px[1]} pixels, its events.json says {known[0]} x "
            f"{known[1]}: the labels belong to another file, or width and height are wrong there"
        )


def known_videos(
    services: Services,
    folders: Sequence[Path],
    trunk: "Trunk",
    wanted: "tuple[Variant, ...]",
    say: "Say",
) -> "list[LabelledVideo]":
    """Every labelled clip of the folders, described. Raises BadInput, VideoRefused."""
    from pushoff.learning.event.fit_head import Lesson
    from pushoff.learning.event.targets import targets_of
    from pushoff.learning.event.training import LabelledVideo, held_together

    truths = truths_of(folders)
    videos = []
    for number, (path, truth) in enumerate(truths.items(), 1):
        say({"stage": "describing clips", "task": number, "tasks": len(truths)})
        video = clip_video(services, path, truth, trunk, wanted)
        name = clip_name(path, list(truths))
        # which leg is near follows from where the athlete was seen to go, if nobody wrote it down
        told = replace(truth, direction=truth.direction or video.direction)
        lesson = Lesson(video, targets_of(told, len(video.times_s), video.step))
        videos.append(LabelledVideo(name, truth.athlete or name, lesson, truth, truth.footage))
    return held_together(videos)
