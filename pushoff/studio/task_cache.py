"""A cache of a project's tasks: Label Studio takes seconds to list thousands of them.

Only task data, which does not change, is cached; never labels. The cache is checked against Label
Studio's own count each time and rebuilt after a task has been deleted.
"""

from collections.abc import Collection

from pushoff.errors import StorageFailed
from pushoff.storage.object_store import Storage
from pushoff.studio.client import LabelStudioClient
from pushoff.studio.tasks import Task, list_tasks

FORMAT = 1
"""Number of the cache file's format; a file with another number is rebuilt."""
CACHED_KEYS = ("video_id", "athlete", "time_s", "box", "footage", "frame_index")
"""Of a task's data, beside its image."""


def cache_key(project_id: int) -> str:
    """Where the project's cache lies in storage."""
    return f"tasks/{int(project_id)}.json"


def unlabelled_tasks(
    studio: LabelStudioClient,
    storage: Storage,
    project_id: int,
    image_key: str,
    labelled: Collection[int],
) -> list[Task]:
    """Every task but those whose id is in `labelled`, by id.

    Raises StudioUnreachable, StudioRefused, StorageFailed.
    """
    cached = _read_cache(storage, project_id)
    last_id = max((task.id for task in cached), default=0)
    new = list(list_tasks(studio, project_id, after=last_id))
    project = studio.sdk_call(lambda sdk: sdk.projects.get(project_id))
    if len(cached) + len(new) != project.task_number:
        cached, new = [], list(list_tasks(studio, project_id))
    tasks = [*cached, *new]
    if new or not cached:
        _write_cache(storage, project_id, image_key, tasks)
    return [task for task in tasks if task.id not in labelled]


def invalidate_cache(storage: Storage, project_id: int) -> None:
    """Delete the project's cache; the next use rebuilds it. Raises StorageFailed."""
    storage.delete(cache_key(project_id))


def invalidate_caches(storage: Storage) -> None:
    """Delete every cache, of deleted projects too: they hold athletes' names.

    Raises StorageFailed.
    """
    for key in storage.list("tasks"):
        storage.delete(key)


def _read_cache(storage: Storage, project_id: int) -> list[Task]:
    """Empty when there is none, or none that can be read."""
    key = cache_key(project_id)
    if not storage.exists(key):
        return []
    try:
        stored = storage.read_json(key)
        if stored["format"] != FORMAT:
            return []
        tasks = [Task(int(number), data, False) for number, data in stored["tasks"].items()]
    except (StorageFailed, ValueError, KeyError, TypeError, AttributeError):
        return []
    return sorted(tasks, key=lambda task: task.id)


def _write_cache(storage: Storage, project_id: int, image_key: str, tasks: list[Task]) -> None:
    keys = {image_key, *CACHED_KEYS}
    data_of = {
        str(task.id): {key: value for key, value in task.data.items() if key in keys}
        for task in tasks
    }
    storage.write_json(cache_key(project_id), {"format": FORMAT, "tasks": data_of})
