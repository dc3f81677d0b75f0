"""What a refit asks of the real Label Studio, and the annotators' queue there."""

import pytest

from pushoff.storage.object_store import Storage
from pushoff.studio.export.snapshot import read_current_labels
from pushoff.studio.predictions import (
    TaskPrediction,
    activate_version,
    choice_region,
    push_predictions,
)
from pushoff.studio.tabs import QUEUE_TAB, ensure_queue_tab
from pushoff.studio.task_cache import cache_key, invalidate_cache, unlabelled_tasks
from pushoff.studio.tasks import create_tasks, list_tasks
from pushoff.values import Label
from tests.integration.studio_rig import drafts, interface


def say(studio, task_id, ours, **more):
    region = choice_region(ours, Label.PUSH_OFF)
    body = {"result": [region], "lead_time": 1.0, **more}
    studio.post(f"/api/tasks/{task_id}/annotations/", body)


def test_current_labels_equal_those_of_an_export(studio, project_id, tmp_path):
    """Labelled and skipped tasks are distinguished, and nothing is stored."""
    create_tasks(studio, project_id, drafts(6))
    ours, storage = interface(studio, project_id), Storage(str(tmp_path))
    ids = [task.id for task in list_tasks(studio, project_id)]
    say(studio, ids[0], ours)
    say(studio, ids[1], ours, was_cancelled=True, result=[])
    now = read_current_labels(studio, project_id, ours, storage)
    assert [one.task_id for one in now.exported.frames] == [ids[0]]
    assert (now.labelled, now.skipped) == ({ids[0]}, {ids[1]})
    assert storage.list() == []


def test_tasks_are_remembered_but_never_wrongly(studio, project_id, tmp_path):
    """New tasks join the book, deleted ones leave it, labelled ones are not open."""
    storage = Storage(str(tmp_path))
    create_tasks(studio, project_id, drafts(5))
    ids = [task.id for task in list_tasks(studio, project_id)]

    def open_ids(labelled=()):
        return [one.id for one in unlabelled_tasks(studio, storage, project_id, "image", labelled)]

    assert open_ids() == ids
    assert open_ids({ids[2]}) == [one for one in ids if one != ids[2]]
    create_tasks(studio, project_id, drafts(2, session="session2"))
    assert len(open_ids()) == 7
    studio.delete(f"/api/tasks/{ids[0]}/")
    assert open_ids() == [task.id for task in list_tasks(studio, project_id)]
    storage.write(cache_key(project_id), b"{}")
    assert len(open_ids()) == 6
    invalidate_cache(storage, project_id)
    assert not storage.exists(cache_key(project_id))


def test_a_task_of_the_book_says_what_the_task_said(studio, project_id, tmp_path):
    """What scoring needs of a task's data is the same from the book as from Label Studio."""
    storage = Storage(str(tmp_path))
    create_tasks(studio, project_id, drafts(2))
    first = unlabelled_tasks(studio, storage, project_id, "image", ())
    again = unlabelled_tasks(studio, storage, project_id, "image", ())
    for name in ("image", "video_id", "athlete", "time_s", "box", "footage"):
        assert [one.data[name] for one in first] == [one.data[name] for one in again]


@pytest.mark.parametrize("blind", [False, True])
def test_a_reason_is_shown_with_and_without_a_suggestion(studio, project_id, blind):
    """A blind frame has its place and reason in the queue, and no choice that could sway anyone."""
    create_tasks(studio, project_id, drafts(1))
    ours = interface(studio, project_id)
    [task] = list_tasks(studio, project_id)
    told = TaskPrediction(task.id, None if blind else 0.7, 0.1, "The model is unsure.")
    assert push_predictions(studio, project_id, [told], "m-v1.aaaaaa", ours, 0.5).pushed == 1
    activate_version(studio, project_id, "m-v1.aaaaaa")
    [shown] = studio.get(f"/api/projects/{project_id}/next")["predictions"]
    kinds = {region["type"]: region["value"] for region in shown["result"]}
    assert kinds["textarea"]["text"] == ["The model is unsure."]
    assert ("choices" in kinds) is not blind


def test_the_queues_tab_is_there_once_and_set_right(studio, project_id):
    """Whoever looks by hand finds open tasks in the order in which annotators get them."""
    ensure_queue_tab(studio, project_id)
    views = studio.get("/api/dm/views/", project=project_id)
    [ours] = [one for one in views if one["data"].get("title") == QUEUE_TAB]
    wrong = {**ours["data"], "ordering": []}
    studio.patch(f"/api/dm/views/{ours['id']}/", {"project": project_id, "data": wrong})
    ensure_queue_tab(studio, project_id)
    create_tasks(studio, project_id, drafts(4))
    config = interface(studio, project_id)
    ids = [task.id for task in list_tasks(studio, project_id)]
    told = [TaskPrediction(one, 0.5, 1 - place / 10, "x.") for place, one in enumerate(ids)]
    push_predictions(studio, project_id, told, "m-v2.bbbbbb", config, 0.5)
    activate_version(studio, project_id, "m-v2.bbbbbb")
    say(studio, ids[3], config)
    page = studio.get("/api/tasks", view=ours["id"], page=1, page_size=10)
    assert [task["id"] for task in page["tasks"]] == [ids[2], ids[1], ids[0]]
