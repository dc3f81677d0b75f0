"""Predictions of superseded publications: which they are, and deleting them in small steps.

Label Studio deletes a version in one transaction that takes 3 ms for each prediction, and nobody
can submit meanwhile. So only small versions are deleted at once, larger ones task by task.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from pushoff.storage.publications import is_publication
from pushoff.studio.client import LabelStudioClient
from pushoff.studio.predictions import delete_version
from pushoff.studio.tasks import full_tasks

SMALL = 200
"""Predictions of a version that is deleted in one request, which takes half a second."""
PAGE = 50
"""Tasks looked through at a time."""


@dataclass(frozen=True)
class OldVersion:
    """A version that annotators do not see any more."""

    name: str
    predictions: int


def old_versions(
    studio: LabelStudioClient, project_id: int, superseded_before: datetime
) -> list[OldVersion]:
    """Publications that were replaced before this time, the smallest first.

    Somebody may have a task with an earlier suggestion on the screen, and Label Studio refuses an
    answer whose prediction is gone. A publication counts as replaced when the last prediction of
    the next one was stored. Raises StudioUnreachable, StudioRefused.
    """
    active = studio.get(f"/api/projects/{project_id}")["model_version"]
    versions = studio.get(f"/api/projects/{project_id}/model-versions/", extended="true")["static"]
    pushed: dict[str, tuple[datetime, int]] = {}
    for version in versions:
        name = version["model_version"] or ""
        if is_publication(name) and version["latest"]:
            pushed[name] = (datetime.fromisoformat(version["latest"]), version["count"])
    times = sorted(latest for latest, _ in pushed.values())
    old = [
        OldVersion(name, count)
        for name, (latest, count) in pushed.items()
        if name != active and any(latest < later < superseded_before for later in times)
    ]
    return sorted(old, key=lambda version: (version.predictions, version.name))


def delete_small(studio: LabelStudioClient, project_id: int, version: OldVersion) -> bool:
    """Delete a version of at most SMALL predictions; False for a larger one.

    Raises StudioUnreachable, StudioRefused.
    """
    if version.predictions > SMALL:
        return False
    delete_version(studio, project_id, version.name)
    return True


def delete_of_next_tasks(
    studio: LabelStudioClient,
    project_id: int,
    names: Collection[str],
    after: int,
    has_time: Callable[[], bool] = lambda: True,
) -> tuple[int | None, int]:
    """Delete the predictions of these versions on the next PAGE tasks, by id, while there is time.

    Returns the id of the last task that was looked through, None after the project's last one, and
    the number of deleted predictions. Raises StudioUnreachable, StudioRefused.
    """
    deleted = 0
    tasks = full_tasks(studio, project_id, after, PAGE)
    for task in tasks:
        if not has_time():
            return after, deleted
        for prediction in task["predictions"]:
            if prediction["model_version"] in names:
                studio.delete(f"/api/predictions/{prediction['id']}/")
                deleted += 1
        after = task["id"]
    return (after if len(tasks) == PAGE else None), deleted
