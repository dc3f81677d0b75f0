"""Labels out of the real Label Studio, and back in."""

import hashlib
from collections import Counter

import httpx
import pytest

from pushoff.errors import BadInput, StudioRefused
from pushoff.studio.client import LabelStudioClient
from pushoff.studio.credentials import Credentials
from pushoff.studio.export.frame_labels import read_labels
from pushoff.studio.export.snapshot import pull_export
from pushoff.studio.media.fetcher import MediaFetcher
from pushoff.studio.media.image_folders import export_folders, import_folders
from pushoff.studio.predictions import (
    TaskPrediction,
    activate_version,
    choice_region,
    delete_version,
    push_predictions,
)
from pushoff.studio.project import create_project
from pushoff.studio.tasks import create_tasks, list_tasks
from pushoff.values import Label, Split
from tests.integration.studio.test_client import STALE
from tests.integration.studio_rig import drafts, interface, picture, plan, suggestion


def label(studio, task_id, result, **more):
    body = {"result": result, "lead_time": 1.2, **more}
    return studio.post(f"/api/tasks/{task_id}/annotations/", body)


def read(studio, project_id, storage):
    snapshot = pull_export(studio, project_id, storage)
    with storage.local_copy(snapshot.key) as path:
        return snapshot, read_labels(path, interface(studio, project_id))


def test_only_what_people_said_is_exported_as_labels(studio, project_id, storage):
    """Skipped, empty, unknown and bulk-accepted annotations are left out and counted."""
    create_tasks(studio, project_id, drafts(10))
    ours = interface(studio, project_id)
    ids = [task.id for task in list_tasks(studio, project_id)]
    push_predictions(
        studio, project_id, [TaskPrediction(one, suggestion(0.9), 0.5) for one in ids], "m", ours
    )
    activate_version(studio, project_id, "m")
    shown = studio.get(f"/api/tasks/{ids[0]}")["predictions"][0]["id"]
    label(studio, ids[0], [choice_region(ours, Label.PUSH_OFF)], parent_prediction=shown)
    label(studio, ids[1], [choice_region(ours, Label.NOT_PUSH_OFF)])
    label(studio, ids[2], [], was_cancelled=True)
    label(studio, ids[3], [])
    unknown = choice_region(ours, Label.PUSH_OFF) | {"value": {"choices": ["landing"]}}
    label(studio, ids[4], [unknown])
    studio.post(
        "/api/dm/actions",
        {"selectedItems": {"all": False, "included": ids[5:7]}, "model_version": "m"},
        id="predictions_to_annotations",
        project=project_id,
    )
    snapshot, labels = read(studio, project_id, storage)

    assert (10, 7) == (snapshot.tasks, snapshot.annotations)
    expected = {"skipped": 1, "empty": 1, "unknown": 1, "bulk accepted": 2}
    assert Counter(expected) == labels.excluded
    assert [(ids[0], Label.PUSH_OFF, True), (ids[1], Label.NOT_PUSH_OFF, False)] == [
        (one.task_id, one.label, one.from_suggestion) for one in labels.frames
    ]
    assert {("Ada", "session1", "synthetic")} == {
        (one.split_group, one.video_id, one.footage) for one in labels.frames
    }


def test_deleted_predictions_do_not_turn_their_copies_into_peoples_words(
    studio, project_id, storage
):
    """Label Studio forgets where an annotation came from when the prediction goes; we do not."""
    create_tasks(studio, project_id, drafts(4))
    ours = interface(studio, project_id)
    ids = [task.id for task in list_tasks(studio, project_id)]
    push_predictions(
        studio, project_id, [TaskPrediction(one, suggestion(0.9), 0.5) for one in ids], "m", ours
    )
    activate_version(studio, project_id, "m")
    shown = studio.get(f"/api/tasks/{ids[0]}")["predictions"][0]["id"]
    label(studio, ids[0], [choice_region(ours, Label.PUSH_OFF)], parent_prediction=shown)
    studio.post(
        "/api/dm/actions",
        {"selectedItems": {"all": False, "included": ids[2:]}, "model_version": "m"},
        id="predictions_to_annotations",
        project=project_id,
    )
    _, before = read(studio, project_id, storage)
    delete_version(studio, project_id, "m")
    _, after = read(studio, project_id, storage)
    assert Counter({"bulk accepted": 2}) == before.excluded == after.excluded
    assert [(ids[0], True)] == [(one.task_id, one.from_suggestion) for one in after.frames]


def test_a_snapshot_is_named_by_its_content_and_leaves_nothing_behind(studio, project_id, storage):
    """The key is the file's SHA-256; Label Studio keeps no snapshot of ours."""
    create_tasks(studio, project_id, drafts(3))
    snapshot = pull_export(studio, project_id, storage)
    assert snapshot.sha256 == hashlib.sha256(storage.read(snapshot.key)).hexdigest()
    assert snapshot.sha256 in snapshot.key
    assert [] == studio.get(f"/api/projects/{project_id}/exports/")


def test_an_access_token_that_expires_during_a_pull_is_renewed(label_studio, project_id, storage):
    """A pull longer than the token's 300 s goes on."""
    credentials = Credentials(label_studio.url, label_studio.pat(), access=STALE)
    studio = LabelStudioClient(label_studio.url, credentials)
    assert 0 == pull_export(studio, project_id, storage).tasks
    studio.close()


def test_a_project_that_is_gone_is_refused(studio, storage):
    """Nothing is written for a project that is not there."""
    with pytest.raises(StudioRefused, match="404"):
        pull_export(studio, 99999, storage)


def test_folders_go_out_and_come_back_with_everything(studio, tiny, project_id, storage, tmp_path):
    """Labels exported as folders and imported into another project are the same labels, once."""
    ours = interface(studio, project_id)
    frames = drafts(4, "folders")
    for number, frame in enumerate(frames):
        key = frame.image.partition("?d=")[2]
        storage.write(key, picture(("red", "green", "blue", "white")[number], "JPEG"))
    create_tasks(studio, project_id, frames)
    ids = [task.id for task in list_tasks(studio, project_id)]
    for number, task_id in enumerate(ids):
        label(studio, task_id, [choice_region(ours, Label(number % 2))])
    _, labels = read(studio, project_id, storage)
    fetcher = MediaFetcher(studio, storage)
    uses = (Split.TRAIN, Split.TRAIN, Split.VAL, Split.TEST)
    splits = {(one, frame.time_s): use for one, frame, use in zip(ids, frames, uses, strict=True)}
    out = tmp_path / "out"
    assert 4 == export_folders(labels.frames, fetcher, out, splits)
    assert 4 == export_folders(labels.frames, fetcher, out, splits)
    files = sorted(path.relative_to(out).as_posix() for path in out.rglob("*.jpg"))
    assert [
        f"datasets/test/push_off/Ada_{ids[3]:06d}.jpg",
        f"datasets/train/not_push_off/Ada_{ids[0]:06d}.jpg",
        f"datasets/train/push_off/Ada_{ids[1]:06d}.jpg",
        f"datasets/val/not_push_off/Ada_{ids[2]:06d}.jpg",
        f"labelled_data/not_push_off/Ada_{ids[0]:06d}.jpg",
        f"labelled_data/not_push_off/Ada_{ids[2]:06d}.jpg",
        f"labelled_data/push_off/Ada_{ids[1]:06d}.jpg",
        f"labelled_data/push_off/Ada_{ids[3]:06d}.jpg",
    ] == files

    other = create_project(studio, plan(tiny, storage.url)).project_id
    first = import_folders(studio, other, ours, storage, out)
    again = import_folders(studio, other, ours, storage, out / "labelled_data")
    assert (4, 0, 4) == (first.created, again.created, again.already_there)
    _, back = read(studio, other, storage)
    facts = [
        (one.label, one.split_group, one.video_id, one.box, one.time_s) for one in labels.frames
    ]
    assert sorted(map(str, facts)) == sorted(
        str((one.label, one.split_group, one.video_id, one.box, one.time_s)) for one in back.frames
    )
    image = fetcher.image(back.frames[0].image, back.frames[0].task_id)
    assert (32, 48, 3) == image.shape
    fetcher.close()


@pytest.mark.parametrize(
    ("folder", "label"),
    [
        ("push_off", Label.PUSH_OFF),
        ("push", Label.PUSH_OFF),
        ("not_push", Label.NOT_PUSH_OFF),
    ],
)
def test_plain_folders_of_images_are_imported(studio, project_id, storage, tmp_path, folder, label):
    """Folders made by hand, by their short names too: the clip's name groups the frames."""
    for name, colour in (("jump1_001", "red"), ("jump1_002", "green")):
        path = tmp_path / folder / f"{name}.png"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(picture(colour))
    ours = interface(studio, project_id)
    assert 2 == import_folders(studio, project_id, ours, storage, tmp_path).created
    _, labels = read(studio, project_id, storage)
    assert [("jump1", label)] * 2 == [(one.split_group, one.label) for one in labels.frames]


@pytest.mark.parametrize("wrong", ["empty", "text", "both"])
def test_unusable_folders_are_refused_whole(studio, project_id, storage, tmp_path, wrong):
    """No label folders, not an image, or one image with both labels: no task is created."""
    for kind in ("push_off", "not_push_off") if wrong != "empty" else ():
        (tmp_path / kind).mkdir()
        content = b"hello" if wrong == "text" else picture()
        (tmp_path / kind / "a.png").write_bytes(content)
    with pytest.raises(BadInput):
        import_folders(studio, project_id, interface(studio, project_id), storage, tmp_path)
    assert [] == list(list_tasks(studio, project_id))


def test_an_export_of_hand_uploads_trains_like_any_other(label_studio, studio, project_id, storage):
    """A frame dropped into Label Studio and labelled there is a labelled frame."""
    httpx.post(
        f"{label_studio.url}/api/projects/{project_id}/import",
        files={"file": ("jump7_003.png", picture(), "image/png")},
        headers=label_studio.headers,
    ).raise_for_status()
    [task] = list_tasks(studio, project_id)
    label(studio, task.id, [choice_region(interface(studio, project_id), Label.PUSH_OFF)])
    _, labels = read(studio, project_id, storage)
    [frame] = labels.frames
    assert ("jump7", None, "real") == (frame.split_group, frame.box, frame.footage)
    fetcher = MediaFetcher(studio, storage)
    assert (32, 48, 3) == fetcher.image(frame.image, frame.task_id).shape
    fetcher.close()
