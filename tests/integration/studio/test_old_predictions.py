"""Predictions of replaced orders in the real Label Studio."""

from datetime import UTC, datetime, timedelta

from pushoff.studio.old_predictions import (
    PAGE,
    delete_of_next_tasks,
    delete_small,
    old_versions,
)
from pushoff.studio.predictions import (
    TaskPrediction,
    activate_version,
    push_predictions,
    version_counts,
)
from pushoff.studio.tasks import create_tasks, list_tasks
from tests.integration.studio_rig import drafts, interface, suggestion

FIRST, SECOND, SHOWN = "m-v1.aaaaaa", "m-v2.bbbbbb", "m-v2.cccccc"
TASKS = 2 * PAGE + 10


def test_only_what_was_replaced_long_ago_is_deleted(studio, project_id):
    """At once where it is small, else task by task; what annotators see stays."""
    create_tasks(studio, project_id, drafts(TASKS))
    tasks = [task.id for task in list_tasks(studio, project_id)]
    ours = interface(studio, project_id)
    for name, count in ((FIRST, TASKS), (SECOND, 20), (SHOWN, TASKS)):
        predictions = [
            TaskPrediction(task, suggestion(0.7), place / TASKS)
            for place, task in enumerate(tasks[:count])
        ]
        push_predictions(studio, project_id, predictions, name, ours)
    activate_version(studio, project_id, SHOWN)

    assert old_versions(studio, project_id, datetime.now(UTC) - timedelta(hours=1)) == []
    small, large = old_versions(studio, project_id, datetime.now(UTC) + timedelta(hours=1))
    assert (small.name, small.predictions, large.name) == (SECOND, 20, FIRST)
    assert delete_small(studio, project_id, small)
    after, deleted = delete_of_next_tasks(studio, project_id, {FIRST}, 0)
    assert (after, deleted) == (tasks[PAGE - 1], PAGE)
    assert version_counts(studio, project_id) == {FIRST: TASKS - PAGE, SHOWN: TASKS}
    while after is not None:
        after, _ = delete_of_next_tasks(studio, project_id, {FIRST}, after)
    assert version_counts(studio, project_id) == {SHOWN: TASKS}
    assert old_versions(studio, project_id, datetime.now(UTC) + timedelta(hours=1)) == []
    assert len(list(list_tasks(studio, project_id))) == TASKS
