"""A Label Studio export, of single frames or of whole videos, as training videos for events."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pushoff.errors import BadInput, StudioRefused
from pushoff.events.ground_truth import GroundTruth
from pushoff.services import Services
from pushoff.storage.videos import is_stored, load_video, video_key
from pushoff.studio.config.frames import FrameInterface
from pushoff.studio.config.label_config import Interface
from pushoff.util.progress import OnProgress, Progress

if TYPE_CHECKING:
    from pushoff.learning.heads.fit_sequence import LabelledVideo
    from pushoff.learning.heads.targets import FrameTargets
    from pushoff.learning.features.video_features import VideoFeatures
    from pushoff.learning.features.feature_extractor import Augmentation, FeatureExtractor
    from pushoff.storage.object_store import Storage
    from pushoff.studio.config.timeline import TimelineInterface
    from pushoff.studio.timeline.labels import VideoLabels
    from pushoff.values import Label, LabelledFrame

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _ExportedVideo:
    """What an export says of one video in storage."""

    split_group: str
    """Videos of one group (athlete) are never on both sides of a split."""
    truth: GroundTruth | None
    """The video's events; None where only some of its frames are labelled."""
    targets: "Callable[[VideoFeatures], FrameTargets]"
    """Training targets, once the video's features and times are known."""


def videos_from_export(
    services: Services,
    export: Path,
    extractor: "FeatureExtractor",
    variants: "tuple[Augmentation, ...]",
    on_progress: OnProgress,
    label_config: Path | None = None,
) -> "list[LabelledVideo]":
    """The videos in storage that a Label Studio JSON export labels, with their features.

    `label_config` is described at `label_interface`. Frames uploaded by hand have no video around
    them and are left out. Raises ExportWrong, BadInput, LabelConfigWrong, VideoRefused,
    StudioUnreachable, StudioRefused, StorageFailed.
    """
    from pushoff.learning.features.extract_features import load_or_extract
    from pushoff.learning.heads.fit_head import TrainingExample
    from pushoff.learning.heads.fit_sequence import LabelledVideo

    interface = label_interface(services, export, label_config)
    if isinstance(interface, FrameInterface):
        exported = _frame_labels(services.storage, export, interface)
    else:
        exported = _timeline_labels(services.storage, export, interface)
    videos = []
    for number, (video_id, labels) in enumerate(sorted(exported.items()), 1):
        on_progress(Progress("extracting features", number, len(exported), "task"))
        stored = load_video(services.storage, video_id)
        with services.storage.local_copy(video_key(video_id)) as path:
            video = load_or_extract(
                services.storage,
                path,
                stored.capture_fps,
                extractor,
                variants,
                scratch=services.scratch,
            )
        example = TrainingExample(video, labels.targets(video))
        videos.append(
            LabelledVideo(video_id, labels.split_group, example, labels.truth, stored.footage)
        )
    return videos


def label_interface(
    services: Services, export: Path, label_config: Path | None = None
) -> Interface:
    """The label config with which an export's annotations are read.

    The XML file `label_config` where one is given; else Label Studio is asked for the config of the
    project that the export names. For an export that names no single project, and without Label
    Studio, it is inferred from the annotations (`studio.export.inferred_interface`). Raises
    ExportWrong, BadInput for a file that cannot be read, LabelConfigWrong, StudioUnreachable, and
    StudioRefused when Label Studio has no such project.
    """
    from pushoff.studio.config.label_config import parse_label_config
    from pushoff.studio.export.inferred_interface import infer_interface
    from pushoff.studio.export.reader import tasks_in

    if label_config is not None:
        try:
            return parse_label_config(label_config.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise BadInput(f"{label_config} cannot be read as a label config: {error}") from None
    projects = {task.get("project") for task in tasks_in(export)}
    project_id = projects.pop() if len(projects) == 1 else None
    if services.label_studio_connected and isinstance(project_id, int):
        try:
            return services.interface(project_id)
        except StudioRefused as refused:
            raise StudioRefused(
                f"{export.name} names project {project_id}, but Label Studio answered: {refused}",
                remedy="Pass the project's label config with --label-config FILE.",
            ) from None
    return infer_interface(export)


def _frame_labels(
    storage: "Storage", export: Path, interface: FrameInterface
) -> dict[str, _ExportedVideo]:
    """Labels of single frames, by video."""
    from pushoff.studio.export.frame_labels import read_labels

    labels = read_labels(export, interface)
    frames_of: dict[str, list[LabelledFrame]] = {}
    for frame in labels.frames:
        if frame.time_s is not None and is_stored(storage, frame.video_id):
            frames_of.setdefault(frame.video_id, []).append(frame)
    log.info(
        "%s: %d labelled frames, %d videos in storage, left out: %s",
        export.name,
        len(labels.frames),
        len(frames_of),
        dict(labels.excluded),
    )
    return {
        video_id: _ExportedVideo(
            split_group=frames[0].split_group,
            truth=None,
            targets=_targets_of_labels(
                [(frame.time_s, frame.label) for frame in frames if frame.time_s is not None]
            ),
        )
        for video_id, frames in frames_of.items()
    }


def _timeline_labels(
    storage: "Storage", export: Path, interface: "TimelineInterface"
) -> dict[str, _ExportedVideo]:
    """Labels of whole videos: all events where all are marked, else the frames inside the spans.

    The last frame of each push_off span is one push-off.
    """
    from pushoff.studio.timeline.labels import read_videos

    labelled, excluded = read_videos(export, interface, storage)
    log.info("%s: %d labelled videos, left out: %s", export.name, len(labelled), dict(excluded))
    exported = {}
    for video in labelled:
        video_id = video.frames.video.video_id
        if not is_stored(storage, video_id):
            continue
        truth = video_truth(video) if video.complete else None
        exported[video_id] = _ExportedVideo(
            split_group=video.task_frame.split_group,
            truth=truth,
            targets=_targets_of_events(truth)
            if truth
            else _targets_of_labels(
                [
                    (video.frames.times_s[frame], frame_label.label)
                    for frame, frame_label in video.labels.items()
                ]
            ),
        )
    return exported


def video_truth(video: "VideoLabels") -> GroundTruth:
    """The events of a video on which every push-off is marked; spans do not name the foot."""
    frames, count = video.frames, len(video.push_offs)
    capture_fps = frames.video.capture_fps or frames.file_fps
    return GroundTruth(
        capture_fps=capture_fps,
        frames=len(frames),
        push_off_frames=video.push_offs,
        feet=(None,) * count,
        approach=(False,) * count,
        uncertainty_frames=(0,) * count,
        complete_from=0,
        complete_to=len(frames) - 1,
        footage=video.task_frame.footage,
        slow_motion=capture_fps != frames.file_fps,
        capture_known=frames.rate_known,
        athlete=video.task_frame.split_group,
    )


def _targets_of_events(truth: GroundTruth) -> "Callable[[VideoFeatures], FrameTargets]":
    from pushoff.learning.heads.targets import frame_targets

    return lambda video: frame_targets(truth, len(video.times_s), video.step)


def _targets_of_labels(
    labels: "Sequence[tuple[float, Label]]",
) -> "Callable[[VideoFeatures], FrameTargets]":
    """Of (time in camera seconds, label) of single frames."""
    from pushoff.learning.heads.targets import frame_targets_from_labels

    return lambda video: frame_targets_from_labels(np.asarray(video.times_s), labels, video.step)
