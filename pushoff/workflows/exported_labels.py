"""Exported labels, of single frames or of whole videos, made ready for the event model."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pushoff.errors import Unsafe
from pushoff.events.ground_truth import GroundTruth
from pushoff.services import Services
from pushoff.storage.videos import load_video, video_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from pushoff.learning.event.extract_features import OnProgress
    from pushoff.learning.event.feature_extractor import Augmentation, FeatureExtractor
    from pushoff.learning.event.targets import FrameTargets
    from pushoff.learning.event.training import LabelledVideo
    from pushoff.learning.event.video_features import VideoFeatures
    from pushoff.storage.object_store import Storage
    from pushoff.studio.timeline.labels import VideoLabels
    from pushoff.values import LabelledFrame

    Taught = tuple[str, GroundTruth | None, Callable[[VideoFeatures], FrameTargets]]
    """The group, the video's events where all are known, and what it teaches once described."""


def videos_from_export(
    services: Services,
    export: Path,
    trunk: "FeatureExtractor",
    wanted: "tuple[Augmentation, ...]",
    say: "OnProgress",
) -> "list[LabelledVideo]":
    """Sessions in storage that a Label Studio export labels, described.

    Frames uploaded by hand have no video around them and are left out. Raises ExportWrong.
    """
    from pushoff.learning.event.extract_features import load_or_extract
    from pushoff.learning.event.fit_head import TrainingExample
    from pushoff.learning.event.training import LabelledVideo

    taught = _of_frames(services.storage, export) | _of_videos(services.storage, export)
    videos = []
    for number, (video_id, (group, truth, targets)) in enumerate(sorted(taught.items()), 1):
        say({"stage": "describing sessions", "task": number, "tasks": len(taught)})
        session = load_video(services.storage, video_id)
        with services.storage.local_copy(video_key(video_id)) as path:
            video = load_or_extract(
                services.storage,
                path,
                session.capture_fps,
                trunk,
                wanted,
                scratch=services.scratch,
            )
        lesson = TrainingExample(video, targets(video))
        videos.append(LabelledVideo(video_id, group, lesson, truth, session.footage))
    return videos


def _of_frames(storage: "Storage", export: Path) -> "dict[str, Taught]":
    """What single labelled frames teach, by session."""
    from pushoff.studio.config.frames import build_label_config, parse_label_config
    from pushoff.studio.export.frame_labels import read_labels

    by_session: dict[str, list[LabelledFrame]] = {}
    for frame in read_labels(export, parse_label_config(build_label_config())).frames:
        if frame.time_s is not None and _is_here(storage, frame.video_id):
            by_session.setdefault(frame.video_id, []).append(frame)
    return {
        video_id: (
            frames[0].group,
            None,
            _labels_of([(frame.time_s, frame.label) for frame in frames]),
        )
        for video_id, frames in by_session.items()
    }


def _of_videos(storage: "Storage", export: Path) -> "dict[str, Taught]":
    """What spans on whole videos teach: every event where all are marked, else the frames in them.

    Each push_off span is one push-off, in its last frame.
    """
    from pushoff.studio.config.frames import parse_label_config
    from pushoff.studio.config.timeline import build_timeline_config
    from pushoff.studio.timeline.labels import read_videos

    taught: dict[str, Taught] = {}
    for video in read_videos(export, parse_label_config(build_timeline_config()), storage)[0]:
        if not _is_here(storage, video.video.session.video_id):
            continue
        truth = video_truth(video) if video.complete else None
        said = [(video.video.times_s[at], word.label) for at, word in video.frames.items()]
        targets = _events_of(truth) if truth else _labels_of(said)
        taught[video.video.session.video_id] = (video.about.group, truth, targets)
    return taught


def video_truth(video: "VideoLabels") -> GroundTruth:
    """The events of a video on which every push-off is marked. Nobody said which foot."""
    frames, count = video.video, len(video.push_offs)
    capture_fps = frames.session.capture_fps or frames.file_fps
    return GroundTruth(
        capture_fps=capture_fps,
        frames=len(frames),
        push_off_frames=video.push_offs,
        feet=(None,) * count,
        approach=(False,) * count,
        uncertainty_frames=(0,) * count,
        complete_from=0,
        complete_to=len(frames) - 1,
        footage=video.about.footage,
        slow_motion=capture_fps != frames.file_fps,
        capture_known=frames.rate_known,
        athlete=video.about.group,
    )


def _events_of(truth: GroundTruth) -> "Callable[[VideoFeatures], FrameTargets]":
    from pushoff.learning.event.targets import frame_targets

    return lambda video: frame_targets(truth, len(video.times_s), video.step)


def _labels_of(said: list) -> "Callable[[VideoFeatures], FrameTargets]":
    from pushoff.learning.event.targets import frame_targets_from_labels

    return lambda video: frame_targets_from_labels(np.asarray(video.times_s), said, video.step)


def _is_here(storage: "Storage", video_id: str) -> bool:
    """Whether the video lies here; frames uploaded by hand have a name that is no session id."""
    try:
        return storage.exists(video_key(video_id))
    except Unsafe:
        return False
