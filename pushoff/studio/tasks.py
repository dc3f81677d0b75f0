"""Tasks of a project: created once, listed page by page, deleted with their video."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from pushoff.errors import StudioUnreachable
from pushoff.studio.client import LabelStudioClient
from pushoff.studio.config.strip import STRIP_KEY, strip_markup
from pushoff.values import Box

IMPORT_BATCH = 500
PAGE_SIZE = 500


@dataclass(frozen=True)
class NewTask:
    """A task to create."""

    image: str
    """Address as Label Studio resolves it."""
    video_id: str
    athlete: str
    exercise: str
    frame_index: int | None
    time_s: float | None
    """Camera seconds."""
    box: Box | None
    footage: str = "real"
    """`real` or `synthetic`."""
    strip: str = ""
    """Address of the strip of the athlete around the frame; empty: there is none."""
    key: str = ""
    """Tasks with the same key are the same task; empty: video id and frame index."""
    result: tuple[Mapping[str, Any], ...] = ()
    """Regions of a human annotation to create with the task; empty: none."""

    def data(self, image_key: str = "image") -> dict[str, Any]:
        """Task data as `pushoff.studio.task_data` reads it. Absent values are left out."""
        data = {
            image_key: self.image,
            "video_id": self.video_id,
            "athlete": self.athlete,
            "exercise": self.exercise,
            "frame_index": self.frame_index,
            "time_s": self.time_s,
            "box": self.box.as_list() if self.box else None,
            "footage": self.footage,
            STRIP_KEY: strip_markup(self.strip) if self.strip else "",
            "key": self.key or f"{self.video_id}/{self.frame_index:06d}",
        }
        return {name: value for name, value in data.items() if value not in (None, "")}


@dataclass(frozen=True)
class CreatedTasks:
    """Result of creating tasks."""

    created: int
    already_there: int


@dataclass(frozen=True)
class Task:
    """A task of Label Studio."""

    id: int
    data: Mapping[str, Any]
    labelled: bool
    """Somebody has submitted an annotation; skipping is not submitting."""


@dataclass(frozen=True)
class Condition:
    """One condition of a Data Manager filter."""

    column: str
    """Such as `id`, `total_annotations` or `data.key`."""
    operator: str
    """Such as `equal`, `greater` or `contains`."""
    type: str
    """`Number`, `String` or `List`."""
    value: Any

    def as_item(self) -> dict[str, Any]:
        """As the Data Manager's filters spell it."""
        return {
            "filter": f"filter:tasks:{self.column}",
            "operator": self.operator,
            "type": self.type,
            "value": self.value,
        }


def create_tasks(
    studio: LabelStudioClient,
    project_id: int,
    new_tasks: Sequence[NewTask],
    image_key: str = "image",
) -> CreatedTasks:
    """Create the tasks whose key the project does not have. Safe to run again after any failure.

    Where two runs overlapped, duplicates that nobody has labelled are deleted.
    Raises StudioRefused, StudioUnreachable.
    """
    by_key = {task.data()["key"]: task for task in new_tasks}
    existing = _tasks_by_key(studio, project_id, by_key)
    bodies = [_body(task, image_key) for key, task in by_key.items() if key not in existing]
    for start in range(0, len(bodies), IMPORT_BATCH):
        batch = bodies[start : start + IMPORT_BATCH]
        _import_tasks(studio, project_id, batch)
    if bodies:
        _deduplicate(studio, by_key, _tasks_by_key(studio, project_id, by_key))
    return CreatedTasks(len(bodies), len(new_tasks) - len(bodies))


def list_tasks(
    studio: LabelStudioClient,
    project_id: int,
    only_unlabelled: bool = False,
    predicted_by: str | None = None,
    after: int = 0,
) -> Iterator[Task]:
    """Tasks by id, page by page.

    `only_unlabelled`: those without an annotation; `predicted_by`: those with a prediction of this
    model version; `after`: those with a higher id. Raises StudioRefused, StudioUnreachable.
    """
    conditions = []
    if only_unlabelled:
        conditions.append(Condition("total_annotations", "equal", "Number", 0))
    if predicted_by is not None:
        conditions.append(
            Condition("predictions_model_versions", "contains", "List", [predicted_by])
        )
    for task in list_pages(studio, project_id, conditions, after=after):
        versions = str(task.get("predictions_model_versions") or "").split(",")
        if predicted_by is None or predicted_by in versions:  # `contains` also finds v1 in v10
            yield _task(task)


def find_tasks(studio: LabelStudioClient, project_id: int, condition: Condition) -> list[Task]:
    """Tasks that meet one condition, by id. Raises StudioRefused, StudioUnreachable."""
    return [_task(task) for task in list_pages(studio, project_id, [condition])]


def first_tasks(studio: LabelStudioClient, project_id: int, count: int) -> list[dict[str, Any]]:
    """The unlabelled tasks that annotators get next, in order, at most `count`, as Label Studio
    returns them, with `predictions`.

    Raises StudioRefused, StudioUnreachable: also for a project without tasks, which Label Studio
    1.23.2 cannot order.
    """
    unlabelled = Condition("total_annotations", "equal", "Number", 0)
    filters = {"conjunction": "and", "items": [unlabelled.as_item()]}
    page = studio.get(
        "/api/tasks",
        project=project_id,
        page=1,
        page_size=count,
        query=json.dumps({"filters": filters, "ordering": ["tasks:predictions_score"]}),
        fields="all",
        resolve_uri="false",
    )
    return list(page["tasks"])


def full_tasks(
    studio: LabelStudioClient, project_id: int, after: int, count: int
) -> list[dict[str, Any]]:
    """The next `count` tasks with a higher id than `after`, by id, as Label Studio returns them,
    with `predictions`. Raises StudioRefused, StudioUnreachable.
    """
    pages = list_pages(studio, project_id, [], fields="all", after=after, page_size=count)
    return list(islice(pages, count))


def video_tasks(studio: LabelStudioClient, project_id: int, video_id: str) -> list[dict[str, Any]]:
    """Every task of one video as Label Studio returns it, with `annotations`.

    Raises StudioRefused, StudioUnreachable.
    """
    tasks = list_pages(studio, project_id, [_of_video(video_id)], fields="all")
    return [task for task in tasks if str(task["data"].get("key")).startswith(f"{video_id}/")]


def delete_video_tasks(studio: LabelStudioClient, project_id: int, video_id: str) -> int:
    """Delete every task of the video with its annotations; returns how many there were.

    Safe to run again after any failure. Raises StudioRefused, StudioUnreachable.
    """
    tasks = video_tasks(studio, project_id, video_id)
    for task in tasks:
        delete_task(studio, task["id"])
    return len(tasks)


def delete_task(studio: LabelStudioClient, task_id: int) -> None:
    """Delete one task with its annotations. Raises StudioRefused, StudioUnreachable."""
    studio.sdk_delete(lambda sdk: sdk.tasks.delete(str(task_id)))


def _import_tasks(
    studio: LabelStudioClient, project_id: int, bodies: Sequence[Mapping[str, Any]]
) -> None:
    """Create tasks from {data, annotations}. Raises StudioUnreachable if some are missing."""
    from label_studio_sdk import ImportApiRequest

    request = [ImportApiRequest(**body) for body in bodies]
    response = studio.sdk_call(lambda sdk: sdk.projects.import_tasks(project_id, request=request))
    if response.task_count != len(bodies):
        raise StudioUnreachable(
            f"Label Studio created {response.task_count} of {len(bodies)} tasks.",
            remedy="Run it again: only the missing ones are created.",
        )


def list_pages(
    studio: LabelStudioClient,
    project_id: int,
    conditions: Sequence[Condition],
    fields: str = "task_only",
    after: int = 0,
    page_size: int = PAGE_SIZE,
) -> Iterator[dict[str, Any]]:
    """Each page starts after the last id of the one before, so that tasks created or labelled
    meanwhile shift nothing."""
    last_id = after
    while True:
        all_conditions = [*conditions, Condition("id", "greater", "Number", last_id)]
        items = [condition.as_item() for condition in all_conditions]
        filters = {"conjunction": "and", "items": items}
        page = studio.get(
            "/api/tasks",
            project=project_id,
            page=1,
            page_size=page_size,
            query=json.dumps({"filters": filters, "ordering": ["tasks:id"]}),
            fields=fields,
            resolve_uri="false",  # s3:// as stored, not presigned for a browser
        )
        for task in page["tasks"]:
            last_id = max(last_id, task["id"])
            yield task
        if len(page["tasks"]) >= page["total"]:
            return


def _task(task: Mapping[str, Any]) -> Task:
    return Task(task["id"], task["data"], task["total_annotations"] > 0)


def _of_video(video_id: str) -> Condition:
    return Condition("data.key", "contains", "String", f"{video_id}/")


def _tasks_by_key(
    studio: LabelStudioClient, project_id: int, keys: Collection[str]
) -> dict[str, list[Task]]:
    """The project's tasks of the same videos (the key's part before the slash), by key."""
    by_key: dict[str, list[Task]] = {}
    for video_id in sorted({key.rpartition("/")[0] for key in keys}):
        for task in find_tasks(studio, project_id, _of_video(video_id)):
            by_key.setdefault(str(task.data.get("key")), []).append(task)
    return by_key


def _body(task: NewTask, image_key: str) -> dict[str, Any]:
    body: dict[str, Any] = {"data": task.data(image_key)}
    if task.result:
        body["annotations"] = [{"result": [dict(region) for region in task.result]}]
    return body


def _deduplicate(
    studio: LabelStudioClient, keys: Collection[str], existing: Mapping[str, list[Task]]
) -> None:
    """Leave one task of each key: the labelled one, else the oldest."""
    missing = [key for key in keys if key not in existing]
    if missing:
        raise StudioUnreachable(
            f"Label Studio reported all tasks as created, but {len(missing)} are missing "
            f"(first {missing[0]}).",
            remedy="Run it again: only the missing ones are created.",
        )
    for key in keys:
        ranked = sorted(existing[key], key=lambda task: (not task.labelled, task.id))
        for duplicate in ranked[1:]:
            if not duplicate.labelled:
                delete_task(studio, duplicate.id)
