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
from pushoff.studio.tabs import SKIPPED, TO_LABEL, ensure_annotator_tabs, labelled_by
from pushoff.studio.task_cache import cache_key, invalidate_cache, unlabelled_tasks
from pushoff.studio.tasks import create_tasks, list_tasks
from pushoff.values import Label
from tests.integration.studio_rig import drafts, interface, suggestion


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
    told = TaskPrediction(task.id, None if blind else suggestion(0.7), 0.1, "The model is unsure.")
    assert push_predictions(studio, project_id, [told], "m-v1.aaaaaa", ours).pushed == 1
    activate_version(studio, project_id, "m-v1.aaaaaa")
    [shown] = studio.get(f"/api/projects/{project_id}/next")["predictions"]
    kinds = {region["type"]: region["value"] for region in shown["result"]}
    assert kinds["textarea"]["text"] == ["The model is unsure."]
    assert ("choices" in kinds) is not blind


def tabs(studio, project_id):
    """The project's tabs by title."""
    views = studio.get("/api/dm/views/", project=project_id)
    return {one["data"]["title"]: one for one in views}


def listed(studio, tab):
    """Ids of the tasks that a tab lists, in its order."""
    page = studio.get("/api/tasks", view=tab["id"], page=1, page_size=10)
    return [task["id"] for task in page["tasks"]]


def test_annotators_find_what_is_open_skipped_and_their_own(studio, project_id):
    """Open tasks in the order in which annotators get them, skipped ones, and each person's."""
    [me] = studio.get("/api/users")
    assert list(tabs(studio, project_id)) == [TO_LABEL, labelled_by(me), SKIPPED]
    create_tasks(studio, project_id, drafts(5))
    config = interface(studio, project_id)
    ids = [task.id for task in list_tasks(studio, project_id)]
    told = [
        TaskPrediction(one, suggestion(0.5), 1 - place / 10, "x.") for place, one in enumerate(ids)
    ]
    push_predictions(studio, project_id, told, "m-v2.bbbbbb", config)
    activate_version(studio, project_id, "m-v2.bbbbbb")
    say(studio, ids[3], config)
    say(studio, ids[1], config, was_cancelled=True, result=[])
    found = tabs(studio, project_id)
    assert listed(studio, found[TO_LABEL]) == [ids[4], ids[2], ids[1], ids[0]]
    assert listed(studio, found[labelled_by(me)]) == [ids[3]]
    assert listed(studio, found[SKIPPED]) == [ids[1]]


def test_a_tab_that_a_person_changed_is_left_alone(studio, project_id):
    """Running it again changes and duplicates nothing; a copy of two runs at once goes."""
    before = tabs(studio, project_id)
    changed = {**before[TO_LABEL]["data"], "ordering": ["-tasks:id"]}
    view_id = before[TO_LABEL]["id"]
    studio.patch(f"/api/dm/views/{view_id}/", {"project": project_id, "data": changed})
    copy = {"project": project_id, "data": before[SKIPPED]["data"]}
    studio.post("/api/dm/views/", copy)
    ensure_annotator_tabs(studio, project_id, "image")
    views = studio.get("/api/dm/views/", project=project_id)
    assert {one["id"] for one in views} == {one["id"] for one in before.values()}
    assert tabs(studio, project_id)[TO_LABEL]["data"] == changed


def test_the_picture_is_shown_and_the_strips_markup_is_not(studio, project_id):
    """Of a new project, whose tasks come later, too."""
    create_tasks(studio, project_id, drafts(1))
    columns = studio.get("/api/dm/columns", project=project_id)["columns"]
    names = {
        f"tasks:{column['parent']}.{column['id']}" for column in columns if column.get("parent")
    }
    shown = names.difference(tabs(studio, project_id)[TO_LABEL]["data"]["hiddenColumns"]["explore"])
    assert shown == {"tasks:data.image", "tasks:data.athlete", "tasks:data.exercise"}
