"""Tasks in the real Label Studio: never twice, whoever made them."""

import threading

import httpx

from pushoff.studio.client import connect
from pushoff.studio.predictions import choice_region
from pushoff.studio.task_data import read_frame
from pushoff.studio.tasks import create_tasks, list_tasks
from pushoff.values import Box, Label
from tests.integration.studio_rig import drafts, interface, picture


def test_tasks_are_made_once(studio, project_id):
    """The same session again makes nothing; more frames of it make only those."""
    first = create_tasks(studio, project_id, drafts(20))
    again = create_tasks(studio, project_id, drafts(25))
    assert (20, 0, 5, 20) == (
        first.created, first.already_there, again.created, again.already_there,
    )  # fmt: skip
    tasks = list(list_tasks(studio, project_id))
    assert 25 == len({task.data["key"] for task in tasks}) == len(tasks)


def test_task_data_reads_back(studio, project_id):
    """What ingest knows of a frame comes back with the task."""
    create_tasks(studio, project_id, drafts(3))
    frame = read_frame(list(list_tasks(studio, project_id))[2].data, "image")
    assert ("Ada", "session1", 2 / 240, Box(1, 2, 30, 40), "synthetic") == (
        frame.split_group, frame.video_id, frame.time_s, frame.box, frame.footage,
    )  # fmt: skip


def test_two_runs_at_once_leave_each_frame_once(label_studio, studio, project_id):
    """Surplus tasks of overlapping runs are removed again."""

    def run():
        own = connect(label_studio.url, label_studio.legacy_token)
        create_tasks(own, project_id, drafts(30))
        own.close()

    runs = [threading.Thread(target=run) for _ in range(2)]
    for one in runs:
        one.start()
    for one in runs:
        one.join()
    create_tasks(studio, project_id, drafts(31))
    keys = [task.data["key"] for task in list_tasks(studio, project_id)]
    assert 31 == len(keys) == len(set(keys))


def test_sessions_with_similar_names_are_told_apart(studio, project_id):
    """One session's keys contain another's."""
    create_tasks(studio, project_id, drafts(3, "abc"))
    report = create_tasks(studio, project_id, drafts(3, "bc"))
    assert (3, 0) == (report.created, report.already_there)
    assert 6 == len(list(list_tasks(studio, project_id)))


def test_unlabelled_tasks_are_those_without_a_submitted_label(studio, project_id):
    """A skip leaves a frame in the pool, a label takes it out; pages hold 500."""
    create_tasks(studio, project_id, drafts(510))
    ids = [task.id for task in list_tasks(studio, project_id)]
    region = choice_region(interface(studio, project_id), Label.PUSH_OFF)
    studio.post(f"/api/tasks/{ids[0]}/annotations/", {"result": [region], "lead_time": 1.0})
    studio.post(f"/api/tasks/{ids[1]}/annotations/", {"result": [], "was_cancelled": True})
    left = [task.id for task in list_tasks(studio, project_id, only_unlabelled=True)]
    assert ids[1:] == left


def test_frames_uploaded_by_hand_are_tasks_like_others(label_studio, studio, project_id):
    """A file dropped into Label Studio's import page has no metadata, only an image."""
    done = httpx.post(
        f"{label_studio.url}/api/projects/{project_id}/import",
        files={"file": ("jump2_0017.png", picture(), "image/png")},
        headers=label_studio.headers,
    )
    assert 201 == done.status_code
    [task] = list_tasks(studio, project_id)
    frame = read_frame(task.data, interface(studio, project_id).image_key)
    assert ("jump2", "jump2", None, None, "real") == (
        frame.split_group, frame.video_id, frame.box, frame.time_s, frame.footage,
    )  # fmt: skip
    assert frame.image.startswith(f"/data/upload/{project_id}/")
