"""A correction's round trip: coach, Label Studio, export, frozen dataset; and back by an undo."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pushoff.coach.correction_labels import unsynced
from pushoff.coach.corrections import Correction, record_correction, undo_last
from pushoff.coach.deletion import soft_delete
from pushoff.learning.data.dataset import build_dataset
from pushoff.services import Services
from pushoff.storage.datasets import load_image, save_image
from pushoff.studio.export.frame_labels import read_labels
from pushoff.studio.export.snapshot import pull_export
from pushoff.studio.predictions import choice_region
from pushoff.studio.project import create_project
from pushoff.studio.tasks import NewTask, create_tasks, list_tasks, video_tasks
from pushoff.values import Box, Label
from pushoff.workflows.delete_session import delete_session
from pushoff.workflows.sync_corrections import sync_corrections
from tests.integration.coach_videos import account, coach_services, ready, video
from tests.integration.studio_rig import interface, plan


@pytest.fixture(scope="module")
def videos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of rendered drills."""
    return tmp_path_factory.mktemp("videos")


@pytest.fixture
def services(tmp_path, redis_url, label_studio, storage, tiny, project_id) -> Iterator[Services]:
    """One machine connected to the real Label Studio, with a project of its own."""
    with coach_services(
        tmp_path / "data",
        redis_url,
        label_studio_url=label_studio.url,
        label_studio_token=label_studio.pat(),
        storage_url=storage.url,
        backend_url=tiny.url,
        project=project_id,
    ) as opened:
        yield opened


def correct(services: Services, session, *corrections: Correction) -> None:
    for one in corrections:
        record_correction(services.database, session.session_id, account(services), one)
    time.sleep(0.002)  # what is said in the very millisecond of teaching is taught once more


def labels(services: Services, project_id: int):
    """What the project's export teaches."""
    snapshot = pull_export(services.studio, project_id, services.storage)
    with services.storage.local_copy(snapshot.key) as path:
        return read_labels(path, interface(services.studio, project_id)).frames


def annotations(services: Services, project_id: int, session) -> dict[int, list[dict]]:
    """Frame to its annotations."""
    found = video_tasks(services.studio, project_id, session.video_id)
    return {one["data"]["frame_index"]: one["annotations"] for one in found if one["annotations"]}


def test_a_correction_is_in_the_next_frozen_dataset_and_its_undo_takes_it_out(
    services, project_id, videos
):
    """Correct, teach, pull, freeze: the frame is there with its label and picture; undone, gone."""
    sessions = [ready(services, video(videos, seed), f"athlete-{seed}") for seed in (1, 2, 3)]
    for one in sessions:
        first, second, *_ = [event.frame for event in read_events(services, one)]
        confirmed = [Correction("foot", frame, foot=foot()) for frame in (first, second)]
        correct(services, one, *confirmed)
        done = sync_corrections(services, one.session_id)
        assert done.labels == done.annotations_created > 6
    moved = read_events(services, sessions[0])[2].frame
    correct(services, sessions[0], Correction("move", moved, moved + 2))
    sync_corrections(services, sessions[0].session_id)
    assert unsynced(services.database) == []

    found = labels(services, project_id)
    images = {
        one.key: save_image(services.storage, services.fetcher.fetch(one.image, one.task_id))
        for one in found
    }
    manifest = build_dataset(found, {}, images, None, min_labels=10, min_per_class=1)
    frames = manifest.frames
    mine = {round(one.time_s * 60): one for one in frames if one.video_id == sessions[0].video_id}
    assert mine[moved + 2].label is Label.PUSH_OFF
    assert mine[moved + 4].label is Label.NOT_PUSH_OFF
    assert (mine[moved + 2].split_group, mine[moved + 2].footage) == ("athlete-1", "synthetic")
    assert load_image(services.storage, mine[moved + 2].image_sha256).startswith(b"\xff\xd8\xff")
    assert mine[moved + 2].box == Box(60, 40, 120, 120)

    for _ in range(3):
        undo_last(services.database, sessions[0].session_id, account(services))
    assert unsynced(services.database) == [sessions[0].session_id]
    assert sync_corrections(services, sessions[0].session_id).labels == 0
    assert {one.video_id for one in labels(services, project_id)} == {
        one.video_id for one in sessions[1:]
    }


def test_who_said_it_and_when_can_be_read_in_label_studio(services, project_id, videos):
    """Each annotation names account, moment and session where Label Studio shows it."""
    session = ready(services, video(videos, 1), "Ada")
    correct(services, session, Correction("add", 20))
    sync_corrections(services, session.session_id)
    [one] = annotations(services, project_id, session)[20]
    [text] = one["result"][0]["meta"]["text"]
    assert "carla" in text
    assert session.session_id in text
    assert "2026" in text or "20" in text
    assert one["parent_prediction"] is None


def test_teaching_twice_changes_nothing(services, project_id, videos):
    """The same annotations, by their numbers; frames that ingest offered are used, not doubled."""
    session = ready(services, video(videos, 1), "Ada")
    draft = NewTask(
        image=f"/data/local-files/?d=media/{session.video_id}/000020.jpg",
        video_id=session.video_id,
        athlete="Ada",
        exercise="hops",
        frame_index=20,
        time_s=20 / 60,
        box=Box(1, 2, 30, 40),
    )
    create_tasks(services.studio, project_id, [draft])
    [offered] = list_tasks(services.studio, project_id)
    correct(services, session, Correction("add", 20))
    first = sync_corrections(services, session.session_id)
    before = annotations(services, project_id, session)
    again = sync_corrections(services, session.session_id)
    assert (again.annotations_created, again.annotations_deleted) == (0, 0)
    after = annotations(services, project_id, session)
    ids = [{f: [a["id"] for a in many] for f, many in at.items()} for at in (before, after)]
    assert ids[0] == ids[1]
    assert len(after) == first.labels
    assert before[20][0]["task"] == offered.id


def test_what_people_said_in_label_studio_is_never_touched(services, project_id, videos):
    """An annotator's label, and ours that somebody edited there, outlive correction and undo."""
    session = ready(services, video(videos, 1), "Ada")
    correct(services, session, Correction("add", 20))
    sync_corrections(services, session.session_id)
    before = annotations(services, project_id, session)
    ours = interface(services.studio, project_id)
    no = choice_region(ours, Label.NOT_PUSH_OFF)
    task = before[20][0]["task"]
    theirs = services.studio.post(
        f"/api/tasks/{task}/annotations/", {"result": [no], "lead_time": 2.0}
    )
    edited = before[17][0]
    yes = choice_region(ours, Label.PUSH_OFF)
    region = {**edited["result"][0], "value": yes["value"]}
    services.studio.patch(
        f"/api/annotations/{edited['id']}/", {"result": [region], "lead_time": 3.0}
    )
    undo_last(services.database, session.session_id, account(services))
    assert sync_corrections(services, session.session_id).labels == 0
    after = annotations(services, project_id, session)
    assert {frame: [a["id"] for a in many] for frame, many in after.items()} == {
        20: [theirs["id"]],
        17: [edited["id"]],
    }


def test_deleting_everywhere_takes_tasks_and_labels_along(services, tiny, project_id, videos):
    """In every connected project, whoever labelled; another session's tasks stay."""
    gone, other = ready(services, video(videos, 1), "Ada"), ready(services, video(videos, 2), "Bea")
    second = create_project(services.studio, plan(tiny, services.storage.url)).project_id
    for one in (gone, other):
        correct(services, one, Correction("add", 20))
        sync_corrections(services, one.session_id)
        draft = NewTask("/data/x.jpg", one.video_id, "x", "hops", 7, 0.1, None)
        create_tasks(services.studio, second, [draft])
    soft_delete(services.database, gone.session_id)
    delete_session(services, gone.session_id)
    for project in (project_id, second):
        assert video_tasks(services.studio, project, gone.video_id) == []
        assert video_tasks(services.studio, project, other.video_id)
    assert {one.video_id for one in labels(services, project_id)} == {other.video_id}


def test_a_shared_video_loses_only_what_the_deleted_session_said(services, project_id, videos):
    """The other session's corrections of the same video go on teaching."""
    first, second = (ready(services, video(videos, 1), "Ada") for _ in range(2))
    correct(services, first, Correction("add", 20))
    correct(services, second, Correction("add", 50))
    for one in (first, second):
        sync_corrections(services, one.session_id)
    soft_delete(services.database, first.session_id)
    assert delete_session(services, first.session_id).video_kept
    left = annotations(services, project_id, second)
    assert 50 in left
    assert 20 not in left


def read_events(services: Services, session):
    from pushoff.coach.session_files import load_analysis

    return load_analysis(services.storage, session.session_id).events


def foot():
    from pushoff.events.values import Foot

    return Foot.LEFT
