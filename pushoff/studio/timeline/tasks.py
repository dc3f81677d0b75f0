"""A whole video as one task of Label Studio, and its suggested spans."""

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
    from pushoff.storage.object_store import Storage
    from pushoff.storage.video_predictions import VideoPredictions
    from pushoff.values import Video


@dataclass(frozen=True)
class VideoSuggestion:
    """The spans a model suggests for one video."""

    task_id: int
    result: tuple[Mapping[str, Any], ...]
    """Regions, each with its probability as `score`; none when no push-off was found."""
    score: float
    """Place in the annotator's queue, 0 to 1: the smallest comes first."""


def video_task(storage: "Storage", video: "Video") -> NewTask:
    """The task of a video whose preview is in storage. The same video is the same task."""
    return NewTask(
        image=frame_address(storage, preview_key(video.video_id)),
        video_id=video.video_id,
        athlete=video.athlete,
        exercise=video.exercise.value,
        frame_index=None,
        time_s=None,
        box=None,
        footage=video.footage,
        key=video_task_key(video.video_id),
    )


def video_task_key(video_id: str) -> str:
    """The `key` in the data of the video's task."""
    return f"{video_id}/video"


def event_regions(
    interface: TimelineInterface, predictions: "VideoPredictions", clock_s: Sequence[float]
) -> tuple[dict[str, Any], ...]:
    """The spans of predicted push-offs; those outside the video are left out.

    `clock_s` holds the camera seconds of the video's frames.
    """
    return tuple(
        {
            **span_region(interface, push_off_span(clock_s, frame), f"push-off-{frame}"),
            "score": probability,
        }
        for frame, probability in predictions.push_offs
        if 0 <= frame < len(clock_s)
    )


def push_suggestions(
    studio: LabelStudioClient, project_id: int, suggestions: Sequence[VideoSuggestion], version: str
) -> int:
    """Push one prediction for each task that has none of `version`; returns how many.

    Raises StudioUnreachable when fewer are stored than were pushed, StudioRefused.
    """
    predicted = {task.id for task in list_tasks(studio, project_id, predicted_by=version)}
    bodies = [
        {
            "task": suggestion.task_id,
            "result": [dict(region) for region in suggestion.result],
            "score": suggestion.score,
            "model_version": version,
        }
        for suggestion in suggestions
        if suggestion.task_id not in predicted
    ]
    return sum(
        push_batch(studio, project_id, bodies[start : start + BATCH])
        for start in range(0, len(bodies), BATCH)
    )
