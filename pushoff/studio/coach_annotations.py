"""A coach's corrections as annotations: this service creates, replaces and deletes its own only.

On a frame's task a correction is one choice; on a video's task it is one annotation with a span for
each run of frames. The region id names the coach's session; the region's `meta` shows account and
time in Label Studio. An annotation that somebody has edited in Label Studio is the editor's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pushoff.studio.client import LabelStudioClient
from pushoff.studio.config.frames import FrameInterface
from pushoff.studio.config.label_config import Interface
from pushoff.studio.config.timeline import TimelineInterface
from pushoff.studio.export.annotations import coach_region_id, coach_session_of
from pushoff.studio.predictions import choice_region
from pushoff.studio.tasks import video_tasks
from pushoff.studio.timeline.spans import Span, span_region
from pushoff.studio.timeline.tasks import video_task_key
from pushoff.values import Label


@dataclass(frozen=True)
class FrameLabel:
    """A coach's label of one frame."""

    label: Label
    author: str
    """The coach's account."""
    changed_at: str
    """ISO 8601, UTC."""


@dataclass(frozen=True)
class SyncResult:
    """Numbers of annotations."""

    created: int
    unchanged: int
    deleted: int


def sync_coach_annotations(
    studio: LabelStudioClient,
    project_id: int,
    interface: Interface,
    video_id: str,
    coach_session_id: str,
    labels: Mapping[int, FrameLabel],
) -> SyncResult:
    """Make the annotations of one coach's session on a video's tasks exactly those of `labels`.

    `labels` maps frame index to label; the tasks must exist, and annotations of other frames are
    deleted. Safe to run again after any failure. Raises StudioRefused, StudioUnreachable.
    """
    created = unchanged = deleted = 0
    for task in video_tasks(studio, project_id, video_id):
        task_id = int(task["id"])
        regions = _regions(interface, task["data"], video_id, coach_session_id, labels)
        own = [
            annotation
            for annotation in task.get("annotations") or []
            if coach_session_of(annotation) == coach_session_id
        ]
        equal = [annotation for annotation in own if regions and annotation["result"] == regions]
        current = equal[:1]
        if regions and not current:
            # create before deleting: after a kill in between the latest annotation counts
            _create(studio, task_id, regions)
            created += 1
        unchanged += len(current)
        for annotation in own:
            if annotation not in current:
                _delete(studio, int(annotation["id"]))
                deleted += 1
    return SyncResult(created, unchanged, deleted)


def _create(studio: LabelStudioClient, task_id: int, regions: list[dict[str, Any]]) -> None:
    studio.sdk_call(lambda sdk: sdk.annotations.create(task_id, result=regions))


def _delete(studio: LabelStudioClient, annotation_id: int) -> None:
    studio.sdk_delete(lambda sdk: sdk.annotations.delete(annotation_id))


def _regions(
    interface: Interface,
    data: Mapping[str, Any],
    video_id: str,
    coach_session_id: str,
    labels: Mapping[int, FrameLabel],
) -> list[dict[str, Any]]:
    """The regions for the task with this data; none for a task that has no label."""
    if isinstance(interface, FrameInterface):
        frame = data.get("frame_index")
        label = labels.get(frame) if isinstance(frame, int) else None
        return [_frame_region(interface, coach_session_id, label)] if label else []
    if data.get("key") != video_task_key(video_id):
        return []
    return [
        _span_region(interface, coach_session_id, number, first, last, label)
        for number, (first, last, label) in enumerate(_runs(labels))
        if label.label in interface.labels
    ]


def _runs(labels: Mapping[int, FrameLabel]) -> list[tuple[int, int, FrameLabel]]:
    """Consecutive frames with equal labels as (first, last, label)."""
    runs: list[tuple[int, int, FrameLabel]] = []
    for frame in sorted(labels):
        if runs and runs[-1][1] == frame - 1 and runs[-1][2] == labels[frame]:
            runs[-1] = (runs[-1][0], frame, labels[frame])
        else:
            runs.append((frame, frame, labels[frame]))
    return runs


def _frame_region(
    interface: FrameInterface, coach_session_id: str, label: FrameLabel
) -> dict[str, Any]:
    choice = choice_region(interface, label.label)
    meta = _meta(coach_session_id, label)
    return {**choice, "id": coach_region_id(coach_session_id), "meta": meta}


def _span_region(
    interface: TimelineInterface,
    coach_session_id: str,
    number: int,
    first: int,
    last: int,
    label: FrameLabel,
) -> dict[str, Any]:
    span = Span(first, last, label.label)
    region = span_region(interface, span, coach_region_id(coach_session_id, number))
    return {**region, "meta": _meta(coach_session_id, label)}


def _meta(coach_session_id: str, label: FrameLabel) -> dict[str, list[str]]:
    text = f"corrected by {label.author} at {label.changed_at} (coach's session {coach_session_id})"
    return {"text": [text]}
