"""The review tab in the real Label Studio: the suspected tasks, worst first, with reasons."""

import random

from pushoff.studio.predictions import TaskPrediction, activate_version, push_predictions
from pushoff.studio.review_tab import DATA_KEY, TAB, VERSION, ReviewItem, refresh_review
from pushoff.studio.tasks import create_tasks, list_tasks
from pushoff.values import Label
from tests.integration.studio_rig import drafts, interface, suggestion


def doubts(ids):
    """Doubts about these tasks, the first the worst."""
    return [
        ReviewItem(one, Label.PUSH_OFF, 0.99 - place / 100, f"Reason {place}.")
        for place, one in enumerate(ids)
    ]


def shown(studio, project_id):
    """The review tab's tasks as the Data Manager lists them: id, reason and suggestion."""
    [view] = [
        one for one in studio.get("/api/dm/views/", project=project_id)
        if one["data"]["title"] == TAB
    ]  # fmt: skip
    page = studio.get("/api/tasks", view=view["id"], page=1, page_size=100, fields="all")
    return [
        (
            task["id"],
            task["data"][DATA_KEY].partition(": ")[2],
            [one["result"] for one in task["predictions"] if one["model_version"] == VERSION],
        )
        for task in page["tasks"]
    ]


def test_the_tab_lists_the_doubted_tasks_worst_first(studio, project_id):
    """In the order given, each with its reason and the other label; also when asked twice."""
    create_tasks(studio, project_id, drafts(30))
    ours = interface(studio, project_id)
    ids = [task.id for task in list_tasks(studio, project_id)]
    chosen = random.Random(1).sample(ids, 12)
    for _ in range(2):
        refresh_review(studio, project_id, ours, doubts(chosen))
        found = shown(studio, project_id)
        assert [(one, f"Reason {place}.") for place, one in enumerate(chosen)] == [
            (task, reason) for task, reason, _ in found
        ]
        for _, reason, [result] in found:
            values = {region["from_name"]: region["value"] for region in result}
            assert [Label.PUSH_OFF.choice] == values["choice"]["choices"]
            assert [reason] == values["reason"]["text"]


def test_what_is_doubted_no_more_leaves_the_tab(studio, project_id):
    """The next assessment's list replaces the last one, and leaves nothing of it in the tasks."""
    create_tasks(studio, project_id, drafts(10))
    ours = interface(studio, project_id)
    before = {task.id: task.data for task in list_tasks(studio, project_id)}
    ids = sorted(before)
    refresh_review(studio, project_id, ours, doubts(ids[:5]))
    refresh_review(studio, project_id, ours, doubts([ids[4], ids[7]]))
    assert [ids[4], ids[7]] == [task for task, _, _ in shown(studio, project_id)]
    studio.delete(f"/api/tasks/{ids[7]}/")
    refresh_review(studio, project_id, ours, doubts([ids[7], ids[0]]))
    assert [ids[0]] == [task for task, _, _ in shown(studio, project_id)]
    refresh_review(studio, project_id, ours, [])
    assert [] == shown(studio, project_id)
    del before[ids[7]]
    assert before == {task.id: task.data for task in list_tasks(studio, project_id)}


def test_the_annotators_queue_is_not_disturbed(studio, project_id):
    """The project's version, its order and the annotators' view do not change."""
    create_tasks(studio, project_id, drafts(12))
    ours = interface(studio, project_id)
    ids = [task.id for task in list_tasks(studio, project_id)]
    scores = [
        TaskPrediction(one, suggestion(0.9), (place + 1) / 20) for place, one in enumerate(ids)
    ]
    push_predictions(studio, project_id, scores, "v1.abcdef", ours)
    activate_version(studio, project_id, "v1.abcdef")
    refresh_review(studio, project_id, ours, doubts(ids[5:]))
    project = studio.get(f"/api/projects/{project_id}")
    assert ("v1.abcdef", "Uncertainty sampling") == (project["model_version"], project["sampling"])
    task = studio.get(f"/api/projects/{project_id}/next")
    assert ids[0] == task["id"]
    assert ["v1.abcdef"] == [one["model_version"] for one in task["predictions"]]


def test_a_tab_somebody_changed_is_set_right(studio, project_id):
    """There is one tab, with our filter and order, whatever was done to it."""
    create_tasks(studio, project_id, drafts(6))
    ours = interface(studio, project_id)
    ids = [task.id for task in list_tasks(studio, project_id)]
    refresh_review(studio, project_id, ours, doubts(ids[:3]))
    views = studio.get("/api/dm/views/", project=project_id)
    [view] = [one for one in views if one["data"]["title"] == TAB]
    body = {"project": project_id, "data": {"title": TAB, "ordering": ["-tasks:id"]}}
    studio.patch(f"/api/dm/views/{view['id']}/", body)
    studio.post("/api/dm/views/", body)
    refresh_review(studio, project_id, ours, doubts(ids[:3]))
    assert ids[:3] == [task for task, _, _ in shown(studio, project_id)]
    columns = {one["id"] for one in studio.get("/api/dm/columns", project=project_id)["columns"]}
    assert DATA_KEY in columns
