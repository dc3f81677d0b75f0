"""Frames as tasks: made once, listed page by page."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pushoff.errors import StudioUnreachable
from pushoff.studio.client import LabelStudioClient
from pushoff.studio.task_data import TaskFrame, read_frame
from pushoff.values import Box

__all__ = [
    "CreatedTasks",
    "NewTask",
    "Task",
    "TaskFrame",
    "create_tasks",
    "delete_video_tasks",
    "find_tasks",
    "list_tasks",
    "read_frame",
    "video_tasks",
]

IMPORT_BATCH = 500
PAGE = 500


@dataclass(frozen=True)
class NewTask:
    """A task to be made."""

    image: str
    """Address as Label Studio resolves it."""
    session: str
    athlete: str
    exercise: str
    frame_index: int | None
    time_s: float | None
    box: Box | None
    footage: str = "real"
    """`real` or `synthetic`."""
    key: str = ""
    """What makes it the same task when made again; empty: session and frame index."""
    result: tuple[Mapping[str, Any], ...] = ()
    """Regions of a human annotation to make with it; empty: none."""

    def data(self, image_key: str = "image") -> dict[str, Any]:
        """Task data, as Label Studio stores it. Absent values are left out."""
        data = {
            image_key: self.image,
            "session": self.session,
            "athlete": self.athlete,
            "exercise": self.exercise,
            "frame_index": self.frame_index,
            "time_s": self.time_s,
            "box": self.box.as_list() if self.box else None,
            "footage": self.footage,
            "key": self.key or f"{self.session}/{self.frame_index:06d}",
        }
        return {name: value for name, value in data.items() if value not in (None, "")}


@dataclass(frozen=True)
class CreatedTasks:
    """What making tasks did."""

    created: int
    already_there: int


@dataclass(frozen=True)
class Task:
    """A task of Label Studio."""

    id: int
    data: Mapping[str, Any]
    labelled: bool
    """Somebody has submitted an annotation; a skip is none."""


def create_tasks(
    studio: LabelStudioClient, project_id: int, drafts: Sequence[NewTask], image_key: str = "image"
) -> CreatedTasks:
    """Make the tasks that are not there yet. Safe to run again after any failure.

    A task is the same when its data has the same `key`. Where two runs overlapped, surplus tasks
    nobody has labelled are deleted. Raises StudioRefused, StudioUnreachable.
    """
    wanted = {draft.data()["key"]: draft for draft in drafts}
    missing = set(wanted) - _keys(studio, project_id, wanted).keys()
    bodies = [_body(wanted[key], image_key) for key in wanted if key in missing]
    for start in range(0, len(bodies), IMPORT_BATCH):
        batch = bodies[start : start + IMPORT_BATCH]
        made = studio.post(f"/api/projects/{project_id}/import", batch)
        if made.get("task_count") != len(batch):
            raise StudioUnreachable(
                f"Label Studio made {made.get('task_count')} of {len(batch)} tasks. "
                "Run it again: only the missing ones are made."
            )
    if bodies:
        _settle(studio, project_id, wanted, _keys(studio, project_id, wanted))
    return CreatedTasks(len(bodies), len(drafts) - len(bodies))


def list_tasks(
    studio: LabelStudioClient,
    project_id: int,
    only_unlabelled: bool = False,
    predicted_by: str | None = None,
    after: int = 0,
) -> Iterator[Task]:
    """Tasks by id, page by page: all, those without a label, those that a version has predicted.

    `after`: only tasks with a higher id.

    Raises StudioRefused, StudioUnreachable.
    """
    conditions: list[tuple[str, str, str, Any]] = []
    if only_unlabelled:
        conditions.append(("total_annotations", "equal", "Number", 0))
    if predicted_by is not None:
        conditions.append(("predictions_model_versions", "contains", "List", [predicted_by]))
    for one in _listed(studio, project_id, conditions, after=after):
        versions = str(one.get("predictions_model_versions") or "").split(",")
        if predicted_by is None or predicted_by in versions:  # `contains` also finds v1 in v10
            yield _task(one)


def video_tasks(studio: LabelStudioClient, project_id: int, session: str) -> list[dict[str, Any]]:
    """Every task of one session as Label Studio gives it, `annotations` too.

    Raises StudioRefused, StudioUnreachable.
    """
    condition = ("data.key", "contains", "String", f"{session}/")
    found = _listed(studio, project_id, [condition], fields="all")
    return [one for one in found if str(one["data"].get("key")).startswith(f"{session}/")]


def find_tasks(
    studio: LabelStudioClient, project_id: int, name: str, operator: str, kind: str, value: Any
) -> list[Task]:
    """Tasks that fulfil one condition of the Data Manager's, by id, their data as it was given.

    Raises StudioRefused, StudioUnreachable.
    """
    return [_task(one) for one in _listed(studio, project_id, [(name, operator, kind, value)])]


def delete_video_tasks(studio: LabelStudioClient, project_id: int, session: str) -> int:
    """Delete every task of the session, and with it what anybody said of it; returns how many.

    Safe to run again after any failure. Raises StudioRefused, StudioUnreachable.
    """
    there = video_tasks(studio, project_id, session)
    for one in there:
        studio.delete(f"/api/tasks/{one['id']}/")
    return len(there)


def _listed(
    studio: LabelStudioClient,
    project_id: int,
    conditions: Sequence[tuple[str, str, str, Any]],
    fields: str = "task_only",
    after: int = 0,
) -> Iterator[dict[str, Any]]:
    """Pages start after the last id seen, so that tasks made or labelled meanwhile move nothing."""
    last = after
    while True:
        items = [
            {"filter": f"filter:tasks:{name}", "operator": operator, "type": kind, "value": value}
            for name, operator, kind, value in [*conditions, ("id", "greater", "Number", last)]
        ]
        filters = {"conjunction": "and", "items": items}
        query = json.dumps({"filters": filters, "ordering": ["tasks:id"]})
        page = studio.get(
            "/api/tasks",
            project=project_id,
            page=1,
            page_size=PAGE,
            query=query,
            fields=fields,
            resolve_uri="false",  # s3:// as it was given, not as the browser asks for it
        )
        for one in page["tasks"]:
            last = max(last, one["id"])
            yield one
        if len(page["tasks"]) >= page["total"]:
            return


def _task(one: Mapping[str, Any]) -> Task:
    return Task(one["id"], one["data"], one["total_annotations"] > 0)


def _keys(
    studio: LabelStudioClient, project_id: int, wanted: Collection[str]
) -> dict[str, list[Task]]:
    """Tasks by key, asked of Label Studio for each session (the key's part before the slash)."""
    found: dict[str, list[Task]] = {}
    for start in sorted({key.rpartition("/")[0] for key in wanted}):
        condition = ("data.key", "contains", "String", f"{start}/")
        for task in map(_task, _listed(studio, project_id, [condition])):
            found.setdefault(str(task.data.get("key")), []).append(task)
    return found


def _body(draft: NewTask, image_key: str) -> dict[str, Any]:
    body: dict[str, Any] = {"data": draft.data(image_key)}
    if draft.result:
        body["annotations"] = [{"result": [dict(region) for region in draft.result]}]
    return body


def _settle(
    studio: LabelStudioClient,
    project_id: int,
    wanted: Collection[str],
    there: Mapping[str, list[Task]],
) -> None:
    """Every wanted key exactly once: the labelled task stays, else the oldest."""
    lost = [key for key in wanted if key not in there]
    if lost:
        raise StudioUnreachable(
            f"Label Studio said it made all tasks, but {len(lost)} are missing (first {lost[0]}). "
            "Run it again: only the missing ones are made."
        )
    for key in wanted:
        ranked = sorted(there[key], key=lambda task: (not task.labelled, task.id))
        for surplus in ranked[1:]:
            if not surplus.labelled:
                studio.delete(f"/api/tasks/{surplus.id}/")
