"""What a project's tasks are, remembered: Label Studio takes seconds to list thousands of them.

Only what cannot change is remembered, the tasks' data, never their labels. The book is checked
against Label Studio's own count each time, and made anew when a task has been deleted.
"""

from collections.abc import Collection

from pushoff.errors import StorageFailed
from pushoff.storage.object_store import Storage
from pushoff.studio.client import LabelStudioClient
from pushoff.studio.tasks import Task, list_tasks

KEPT = ("session", "athlete", "time_s", "box", "footage", "frame_index")
"""Of a task's data, beside its image."""


def cache_key(project_id: int) -> str:
    """Where the book lies in storage."""
    return f"tasks/{int(project_id)}.json"


def unlabelled_tasks(
    studio: LabelStudioClient,
    storage: Storage,
    project_id: int,
    image_key: str,
    labelled: Collection[int],
) -> list[Task]:
    """Every task without a label, by id; `labelled` are those that have one.

    Raises StudioUnreachable, StudioRefused, StorageFailed.
    """
    known = _remembered(storage, project_id)
    last = max((task.id for task in known), default=0)
    fresh = list(list_tasks(studio, project_id, after=last))
    there = int(studio.get(f"/api/projects/{project_id}")["task_number"])
    if len(known) + len(fresh) != there:
        known, fresh = [], list(list_tasks(studio, project_id))
    if fresh or not known:
        _remember(storage, project_id, image_key, [*known, *fresh])
    return [task for task in (*known, *fresh) if task.id not in labelled]


def invalidate_cache(storage: Storage, project_id: int) -> None:
    """The book goes; the next look makes it anew."""
    storage.delete(cache_key(project_id))


def invalidate_caches(storage: Storage) -> None:
    """Every project's book goes, those of projects that are gone too: they name athletes."""
    for key in storage.list("tasks"):
        storage.delete(key)


def _remembered(storage: Storage, project_id: int) -> list[Task]:
    key = cache_key(project_id)
    if not storage.exists(key):
        return []
    try:
        held = storage.read_json(key)
        return sorted(
            (Task(int(number), data, False) for number, data in held["tasks"].items()),
            key=lambda task: task.id,
        )
    except (StorageFailed, ValueError, KeyError, TypeError, AttributeError):
        return []


def _remember(storage: Storage, project_id: int, image_key: str, tasks: list[Task]) -> None:
    kept = {image_key, *KEPT}
    held = {
        str(task.id): {name: value for name, value in task.data.items() if name in kept}
        for task in tasks
    }
    storage.write_json(cache_key(project_id), {"tasks": held})
