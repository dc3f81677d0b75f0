"""A scripted annotator who knows the truth and works through Label Studio as a browser does."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from pushoff.services import Services
from pushoff.studio.config.frames import of_frames
from pushoff.studio.predictions import choice_region
from pushoff.studio.tasks import Task, list_tasks
from pushoff.values import Label

Truth = Callable[[Mapping[str, Any]], Label | None]
"""From a task's data to what its frame shows; None where a person could not tell either."""


@dataclass(frozen=True)
class Annotated:
    """What one sitting brought."""

    labels: int
    push_offs: int
    skipped: int
    suggested: int
    """Tasks that came with a suggestion."""


def annotate(
    services: Services,
    project_id: int,
    tasks: Iterable[Mapping[str, Any]],
    truth: Truth,
    count: int,
    on_label: Callable[[int], None] = lambda done: None,
) -> Annotated:
    """Give `count` labels, each as Label Studio's editor would send it; skips come on top.

    Raises StudioUnreachable, StudioRefused.
    """
    interface = of_frames(services.interface(project_id))
    labels = push_offs = skipped = suggested = 0
    for task in tasks if count > 0 else ():
        label = truth(task["data"])
        suggestions = [one for one in task.get("predictions", []) if one.get("result")]
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
            break  # before the next is asked for: Label Studio keeps a task for who was shown it
    return Annotated(labels, push_offs, skipped, suggested)


def queue_order(services: Services, project_id: int) -> Iterator[Mapping[str, Any]]:
    """Tasks as "Label All Tasks" serves them: after a first model the least certain first."""
    while task := services.studio.get(f"/api/projects/{project_id}/next"):
        yield task


def video_by_video(services: Services, project_id: int) -> Iterator[Mapping[str, Any]]:
    """Unlabelled tasks, one of each video in turn, so that every athlete is in the first labels."""
    videos: dict[str, list[Task]] = {}
    for task in list_tasks(services.studio, project_id, only_unlabelled=True):
        videos.setdefault(str(task.data.get("session")), []).append(task)
    for row in zip_longest(*videos.values()):
        yield from ({"id": task.id, "data": task.data} for task in row if task)
