"""From a project's annotations to labelled frames for training."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pushoff.events.ground_truth import GroundTruth
from pushoff.storage.videos import media_key
from pushoff.studio.config.label_config import Interface
from pushoff.studio.config.timeline import TimelineInterface
from pushoff.studio.export.latest_annotations import LatestAnnotation, latest_annotations
from pushoff.studio.export.reader import tasks_in
from pushoff.studio.media.urls import frame_address
from pushoff.studio.task_data import TaskFrame, read_frame
from pushoff.studio.timeline.labels import VideoLabels, read_videos
from pushoff.studio.timeline.subsample import subsample
from pushoff.studio.timeline.truth import truth_of
from pushoff.values import Label, LabelledFrame

if TYPE_CHECKING:
    from pushoff.storage.object_store import Storage


@dataclass(frozen=True)
class ExportedLabels:
    """Labelled frames, and the number of excluded items by reason."""

    frames: tuple[LabelledFrame, ...]
    excluded: Counter[str]
    """Of single frames: annotations, except for `disagreement`, `two feet` and `no image`, which
    count tasks.
    Of whole videos: see `pushoff.studio.timeline.labels.read_videos`; frames that `subsample`
    leaves out count as `near another frame`."""
    truths: Mapping[str, GroundTruth] = field(default_factory=dict)
    """By video id, of the videos on which every push-off is marked."""


NO_LABELS = ExportedLabels((), Counter())
"""Of no project."""


def read_labels(
    path: Path, interface: Interface, storage: "Storage | None" = None
) -> ExportedLabels:
    """The labelled frames of a JSON export: one per task, or several per labelled video.

    Of single frames each annotator's latest annotation counts; annotators vote, and a tie is a
    `disagreement`. `storage` holds the frames of labelled videos. Raises ExportWrong.
    """
    if isinstance(interface, TimelineInterface):
        return _read_video_frames(path, interface, storage)
    frames: list[LabelledFrame] = []
    excluded: Counter[str] = Counter()
    for task in tasks_in(path):
        annotations, left_out = latest_annotations(task, interface)
        excluded += left_out
        if not annotations:
            continue
        label = vote(annotations)
        frame = read_frame(task["data"], interface.image_key)
        if label is None:
            excluded["disagreement"] += 1
        elif not frame.image:
            excluded["no image"] += 1
        else:
            frames.append(_labelled_frame(task["id"], frame, label, annotations))
            excluded["two feet"] += len(_feet(annotations)) > 1
    return ExportedLabels(tuple(frames), +excluded)


def vote(annotations: Sequence[LatestAnnotation]) -> Label | None:
    """The label of most annotators; None for a tie."""
    ranked = Counter(annotation.label for annotation in annotations).most_common(2)
    return None if len(ranked) == 2 and ranked[0][1] == ranked[1][1] else ranked[0][0]


def foot_of(annotations: Sequence[LatestAnnotation]) -> str | None:
    """The foot that all annotators name who name one; None where they disagree or none does."""
    feet = _feet(annotations)
    return feet.pop() if len(feet) == 1 else None


def _feet(annotations: Sequence[LatestAnnotation]) -> set[str]:
    return {annotation.foot for annotation in annotations if annotation.foot}


def _labelled_frame(
    task_id: int, frame: TaskFrame, label: Label, annotations: Sequence[LatestAnnotation]
) -> LabelledFrame:
    agreeing = [annotation for annotation in annotations if annotation.label is label]
    return LabelledFrame(
        task_id=task_id,
        image=frame.image,
        label=label,
        split_group=frame.split_group,
        video_id=frame.video_id,
        footage=frame.footage,
        box=frame.box,
        time_s=frame.time_s,
        frame_index=frame.frame_index,
        from_suggestion=all(annotation.from_suggestion for annotation in agreeing),
        foot=foot_of(agreeing),
    )


def _read_video_frames(
    path: Path, interface: TimelineInterface, storage: "Storage | None"
) -> ExportedLabels:
    """Of each labelled video every push_off frame and a part of the others."""
    if storage is None:
        raise ValueError("labels of videos need the storage that holds their frames")
    videos, excluded = read_videos(path, interface, storage)
    frames: list[LabelledFrame] = []
    truths = {}
    for video in videos:
        if video.complete:
            truths[video.frames.video.video_id] = truth_of(video)
        indices = sorted(set(subsample(video)))
        excluded["near another frame"] += len(video.labels) - len(indices)
        frames += [_labelled_video_frame(storage, video, index) for index in indices]
    return ExportedLabels(tuple(frames), +excluded, truths)


def _labelled_video_frame(storage: "Storage", video: VideoLabels, index: int) -> LabelledFrame:
    label = video.labels[index]
    video_id = video.frames.video.video_id
    return LabelledFrame(
        task_id=video.task_id,
        image=frame_address(storage, media_key(video_id, index)),
        label=label.label,
        split_group=video.task_frame.split_group,
        video_id=video_id,
        footage=video.task_frame.footage,
        box=video.frames.boxes[index],
        time_s=video.frames.times_s[index],
        from_suggestion=label.suggested,
        frame_index=index,
        foot=label.kind.foot,
    )
