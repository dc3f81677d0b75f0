"""Predictions in the real Label Studio: counted, and served in the order of their scores."""

import random

import pytest

from pushoff.errors import StudioRefused
from pushoff.studio.predictions import (
    TaskPrediction,
    activate_version,
    choice_region,
    push_predictions,
    version_count,
)
from pushoff.studio.tasks import create_tasks, list_tasks
from tests.integration.studio_rig import drafts, interface, suggestion


def predicted(studio, project_id, seed=1):
    draw = random.Random(seed)
    return [
        TaskPrediction(task.id, suggestion(draw.random()), draw.random())
        for task in list_tasks(studio, project_id)
    ]


def test_2500_predictions_are_pushed_and_served_by_score(studio, project_id):
    """After the switch annotators get exactly the least certain frame first, again and again."""
    create_tasks(studio, project_id, drafts(2500))
    ours = interface(studio, project_id)
    predictions = predicted(studio, project_id)
    progress = []
    report = push_predictions(
        studio, project_id, predictions, "resnet18-v1-abc123", ours,
        lambda done, total: progress.append((done, total)),
    )  # fmt: skip
    assert (2500, 0, 0) == (report.pushed, report.already_there, report.deleted_tasks)
    assert (2500, 2500) == progress[-1]
    assert 2500 == version_count(studio, project_id, "resnet18-v1-abc123")
    activate_version(studio, project_id, "resnet18-v1-abc123")
    project = studio.get(f"/api/projects/{project_id}")
    assert "Uncertainty sampling" == project["sampling"]

    by_score = sorted(predictions, key=lambda one: one.score)
    for wanted in by_score[:20]:
        task = studio.get(f"/api/projects/{project_id}/next")
        assert wanted.task_id == task["id"]
        [shown] = task["predictions"]
        said = shown["result"][0]
        suggested = wanted.suggestion
        assert (wanted.score, suggested.confidence) == (
            pytest.approx(shown["score"]),
            pytest.approx(said["score"]),
        )
        assert [suggested.label.choice] == said["value"]["choices"]
        body = {"result": [choice_region(ours, suggested.label)], "lead_time": 1.0}
        studio.post(f"/api/tasks/{task['id']}/annotations/", body)

    for rank in (400, 1200, 2400):  # deep in the queue: the Data Manager sorts by the same score
        query = '{"ordering": ["tasks:predictions_score"]}'
        page = studio.get(
            "/api/tasks", project=project_id, page=rank // 100 + 1, page_size=100, query=query
        )
        assert [one.task_id for one in by_score[rank : rank + 100]] == [
            task["id"] for task in page["tasks"]
        ]


def test_pushing_again_pushes_what_is_missing(studio, project_id):
    """A job that was killed half way goes on; version names within others do not confuse it."""
    create_tasks(studio, project_id, drafts(30))
    ours = interface(studio, project_id)
    predictions = predicted(studio, project_id)
    push_predictions(studio, project_id, predictions, "m-v1", ours)
    push_predictions(studio, project_id, predictions[:10], "m-v10", ours)
    report = push_predictions(studio, project_id, predictions, "m-v10", ours)
    assert (20, 10) == (report.pushed, report.already_there)
    report = push_predictions(studio, project_id, predictions, "m-v1", ours)
    assert (0, 30) == (report.pushed, report.already_there)
    assert (30, 30) == tuple(version_count(studio, project_id, one) for one in ("m-v1", "m-v10"))
    assert 30 == len(list(list_tasks(studio, project_id, predicted_by="m-v1")))


def test_tasks_deleted_meanwhile_are_counted(studio, project_id):
    """A deleted task spoils no batch."""
    create_tasks(studio, project_id, drafts(5))
    predictions = predicted(studio, project_id)
    studio.delete(f"/api/tasks/{predictions[0].task_id}/")
    report = push_predictions(studio, project_id, predictions, "m", interface(studio, project_id))
    assert (4, 0, 1) == (report.pushed, report.already_there, report.deleted_tasks)


@pytest.mark.parametrize("score", [1.3, -0.1, float("nan"), float("inf")])
def test_scores_outside_0_to_1_are_refused(studio, project_id, score):
    """Label Studio drops predictions with such scores silently."""
    create_tasks(studio, project_id, drafts(1))
    [task] = list_tasks(studio, project_id)
    wrong = [TaskPrediction(task.id, suggestion(0.5), score)]
    with pytest.raises(ValueError, match="between 0 and 1"):
        push_predictions(studio, project_id, wrong, "m", interface(studio, project_id))


def test_activating_a_version_without_predictions_is_refused(studio, project_id):
    """Push first, switch second."""
    with pytest.raises(StudioRefused, match="model_version"):
        activate_version(studio, project_id, "never-pushed")
