"""A video as one task of Label Studio, its pre-filled spans, and what a coach said of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pushoff.storage.videos import preview_key
from pushoff.studio.client import LabelStudioClient
from pushoff.studio.config.timeline import TimelineInterface
from pushoff.studio.media.urls import frame_address
from pushoff.studio.predictions import BATCH, push_batch
from pushoff.studio.tasks import NewTask, list_tasks
from pushoff.studio.timeline.spans import push_off_span, span_region

if TYPE_CHECKING:
    from pushoff.storage.event_predictions import EventPredictions
    from pushoff.storage.object_store import Storage
    from pushoff.values import Video


@dataclass(frozen=True)
class VideoSuggestion:
    """What a model would mark on a video."""

    task_id: int
    result: tuple[Mapping[str, Any], ...]
    """Regions, each with its probability as `score`; none where nothing was found."""
    score: float
    """Place in the annotator's queue, 0 to 1: the smallest comes first."""


def video_draft(storage: "Storage", session: "Video") -> NewTask:
    """The task of a video whose preview lies in storage. The same video is the same task."""
    return NewTask(
        image=frame_address(storage, preview_key(session.video_id)),
        session=session.video_id,
        athlete=session.athlete,
        exercise=session.exercise.value,
        frame_index=None,
        time_s=None,
        box=None,
        footage=session.footage,
        key=video_task_key(session.video_id),
    )


def video_task_key(video_id: str) -> str:
    """What makes a task the one of this video."""
    return f"{video_id}/video"


def event_regions(
    interface: TimelineInterface, spotted: "EventPredictions", clock_s: Sequence[float]
) -> tuple[dict[str, Any], ...]:
    """The spans of push-offs that a model spotted; those outside the video are left out."""
    return tuple(
        {
            **span_region(interface, push_off_span(clock_s, frame), f"push-off-{frame}"),
            "score": worth,
        }
        for frame, worth in spotted.push_offs
        if 0 <= frame < len(clock_s)
    )


def push_suggestions(
    studio: LabelStudioClient, project_id: int, suggestions: Sequence[VideoSuggestion], version: str
) -> int:
    """Push one prediction for each task that has none of `version`; returns how many.

    Raises StudioUnreachable when fewer are stored than were pushed, StudioRefused.
    """
    have = {task.id for task in list_tasks(studio, project_id, predicted_by=version)}
    bodies = [
        {
            "task": one.task_id,
            "result": [dict(region) for region in one.result],
            "score": one.score,
            "model_version": version,
        }
        for one in suggestions
        if one.task_id not in have
    ]
    return sum(
        push_batch(studio, project_id, bodies[start : start + BATCH])
        for start in range(0, len(bodies), BATCH)
    )
