"""A scripted annotator: labels tasks through Label Studio's API as a browser does."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from pushoff.services import Services
from pushoff.studio.config.label_config import require_frame_interface
from pushoff.studio.predictions import choice_region
from pushoff.studio.tasks import Task, list_tasks
from pushoff.values import Label

Truth = Callable[[Mapping[str, Any]], Label | None]
"""Maps a task's data to the frame's label; None where the frame is ambiguous."""


@dataclass(frozen=True)
class Annotated:
    """Counts of one round."""

    labels: int
    push_offs: int
    skipped: int
    suggested: int
    """Tasks that had a suggestion."""


def annotate(
    services: Services,
    project_id: int,
    tasks: Iterable[Mapping[str, Any]],
    truth: Truth,
    count: int,
    on_label: Callable[[int], None] = lambda done: None,
) -> Annotated:
    """Submit `count` labels as Label Studio's editor does; skipped tasks are not counted.

    Raises StudioUnreachable, StudioRefused.
    """
    interface = require_frame_interface(services.interface(project_id))
    labels = push_offs = skipped = suggested = 0
    for task in tasks if count > 0 else ():
        label = truth(task["data"])
        suggestions = [
            prediction for prediction in task.get("predictions", []) if prediction.get("result")
        ]
        suggested += bool(suggestions)
        body: dict[str, Any] = {"lead_time": 1.0, "result": []}
        if label is None:
            body["was_cancelled"] = True
            skipped += 1
        else:
            body["result"] = [choice_region(interface, label)]
            labels += 1
            push_offs += label is Label.PUSH_OFF
        if suggestions:
            body["parent_prediction"] = suggestions[-1]["id"]
        services.studio.post(f"/api/tasks/{task['id']}/annotations/", body)
        on_label(labels)
        if labels == count:
            break  # before the next task is requested: Label Studio locks a task it has served
    return Annotated(labels, push_offs, skipped, suggested)


def queue_order(services: Services, project_id: int) -> Iterator[Mapping[str, Any]]:
    """Tasks in the order of "Label All Tasks"."""
    while task := services.studio.get(f"/api/projects/{project_id}/next"):
        yield task


def video_by_video(services: Services, project_id: int) -> Iterator[Mapping[str, Any]]:
    """Unlabelled tasks, one of each video in turn, so that every athlete is labelled early."""
    videos: dict[str, list[Task]] = {}
    for task in list_tasks(services.studio, project_id, only_unlabelled=True):
        videos.setdefault(str(task.data.get("video_id")), []).append(task)
    for row in zip_longest(*videos.values()):
        yield from ({"id": task.id, "data": task.data} for task in row if task)
