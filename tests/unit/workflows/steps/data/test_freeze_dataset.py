"""The labels of all projects become one data set that never changes."""

import base64
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest
from PIL import Image

from pushoff.errors import StudioUnreachable, TooFewLabels
from pushoff.learning.data.manifest import DatasetFrame, parse_manifest
from pushoff.services import Services, open_services
from pushoff.settings import Settings
from pushoff.storage.datasets import delete_image, newest_dataset
from pushoff.storage.deletion import delete_video
from pushoff.storage.truths import save_truth
from pushoff.storage.videos import add_video, media_key
from pushoff.studio.export.frame_labels import NO_LABELS, ExportedLabels
from pushoff.studio.media.urls import frame_address
from pushoff.values import Exercise, Label, LabelledFrame
from pushoff.workflows.steps.data.freeze_dataset import freeze_dataset, stored_image
from tests.unit.learning.data.dataset_samples import marked
from tests.unit.learning.learning_samples import draw, refused
from tests.unit.studio.serving import Answer, Seen
from tests.unit.workflows.workflow_samples import worker_services

LIMITS = {"min_labels": 4, "min_per_class": 1}


def answer(seen: Seen) -> Answer:
    """A Label Studio that has lost its uploads."""
    if seen.path.startswith("/data/upload/"):
        return Answer(b"gone", 404)
    return Answer(b"{}", headers={"Content-Type": "application/json"})


@pytest.fixture
def services(redis_url: str, tmp_path) -> Iterator[Services]:
    """Connected to a Label Studio that only says who asks."""
    with worker_services(redis_url, tmp_path / "data", answer, **LIMITS) as opened:
        yield opened


def png(label: Label, seed: int) -> bytes:
    file = io.BytesIO()
    Image.fromarray(draw(label, seed, 16)).save(file, "PNG")
    return file.getvalue()


def labelled(task_id: int, group: str, label: Label | None = None, **changes) -> LabelledFrame:
    """Task number `task_id`, every second a push_off, its picture in the address."""
    label = Label(task_id % 2) if label is None else label
    data = base64.b64encode(png(Label(task_id % 2), task_id)).decode()
    values = {
        "task_id": task_id, "image": f"data:image/png;base64,{data}", "label": label,
        "split_group": group, "video_id": f"{group}-1", "footage": "real", "box": None,
        "time_s": float(task_id), "from_suggestion": False,
    }  # fmt: skip
    return LabelledFrame(**{**values, **changes})


def labels(*frames: LabelledFrame, truths=None) -> ExportedLabels:
    return ExportedLabels(frames, Counter(skipped=2), truths or {})


ANA = labels(*(labelled(number, "ana") for number in range(8)))
BEN = labels(*(labelled(number, "ben") for number in range(100, 106)))


def tasks_of(frozen, project_id: int | None = None) -> list[int]:
    return sorted(
        frame.task_id for frame in frozen.manifest.frames if project_id in (None, frame.project_id)
    )


def test_images_are_frozen_with_their_labels(services):
    """Each as it was when it was labelled; the data set is stored as the newest."""
    frozen = freeze_dataset(services, 1, ANA)
    assert tasks_of(frozen, 1) == list(range(8))
    assert frozen.excluded == {"skipped": 2}
    assert parse_manifest(newest_dataset(services.storage)) == frozen.manifest
    load = stored_image(services)
    for frame in frozen.manifest.frames:
        assert (load(frame) == draw(frame.label, frame.task_id, 16)).all()
    assert freeze_dataset(services, 1, ANA).fingerprint == frozen.fingerprint


def test_labels_of_two_projects_are_in_one_data_set(services):
    """Each project's own labels are replaced when it is frozen, the other's stay as they were."""
    freeze_dataset(services, 1, ANA)
    both = freeze_dataset(services, 2, BEN)
    assert (tasks_of(both, 1), tasks_of(both, 2)) == (list(range(8)), list(range(100, 106)))
    fewer = labels(*ANA.frames[:6])
    again = freeze_dataset(services, 1, fewer)
    assert (tasks_of(again, 1), tasks_of(again, 2)) == (list(range(6)), list(range(100, 106)))
    assert again.manifest.split_by == "athlete"
    folds = {frame.split_group: frame.fold for frame in both.manifest.frames}
    assert folds == {frame.split_group: frame.fold for frame in again.manifest.frames}


def test_a_deleted_image_leaves_the_data_set(services):
    """Another project's frame without its image cannot be trained on, and is not asked for."""
    freeze_dataset(services, 1, ANA)
    before = freeze_dataset(services, 2, BEN)
    gone: DatasetFrame = next(f for f in before.manifest.frames if f.task_id == 103)
    delete_image(services.storage, gone.image_sha256)
    after = freeze_dataset(services, 1, ANA)
    assert tasks_of(after, 2) == [100, 101, 102, 104, 105]


def a_video(services: Services, name: str) -> str:
    path = services.scratch / name
    path.write_text(name)
    return add_video(services.storage, path, athlete=name, exercise=Exercise.HOPS).video_id


def test_marked_videos_of_another_project_stay_until_they_are_deleted(services):
    """A project's own marks are those of now, the other's those that were frozen last."""
    ours, theirs, kept = (a_video(services, name) for name in ("ours", "theirs", "kept"))
    truth = marked("ana").truth
    freeze_dataset(services, 1, labels(*ANA.frames, truths={ours: truth}))
    both = freeze_dataset(services, 2, labels(*BEN.frames, truths={theirs: truth, kept: truth}))
    assert {name: known.project_id for name, known in both.manifest.truths.items()} == {
        ours: 1, theirs: 2, kept: 2,
    }  # fmt: skip
    delete_video(services.storage, theirs)
    after = freeze_dataset(services, 1, ANA)
    assert {kept} == set(after.manifest.truths)


def test_stored_clips_are_in_every_data_set(services):
    """Whichever project is frozen, and without any; an annotator who marks the clip has the last
    word."""
    clip = a_video(services, "clip")
    save_truth(services.storage, clip, marked("eva").truth)
    alone = freeze_dataset(services, None, NO_LABELS)
    assert (alone.manifest.frames, set(alone.manifest.truths)) == ((), {clip})
    assert alone.manifest.truths[clip].project_id is None
    frozen = freeze_dataset(services, 1, ANA)
    assert {clip} == set(frozen.manifest.truths) and tasks_of(frozen) == list(range(8))
    again = freeze_dataset(services, None, NO_LABELS)
    assert tasks_of(again, 1) == list(range(8))
    own = replace(marked("eva").truth, push_off_frames=(5,), feet=(None,), approach=(False,),
                  uncertainty_frames=(0,))  # fmt: skip
    corrected = freeze_dataset(services, 1, labels(*ANA.frames, truths={clip: own}))
    assert corrected.manifest.truths[clip].truth == own
    delete_video(services.storage, clip)
    assert freeze_dataset(services, 2, BEN).manifest.truths == {}


def test_an_image_that_is_not_one_is_left_out_and_counted(services):
    """The others go on."""
    odd = labelled(9, "ana", image="data:text/plain;base64,aGVsbG8=")
    frozen = freeze_dataset(services, 1, labels(*ANA.frames, odd))
    assert tasks_of(frozen) == list(range(8))
    assert frozen.excluded == {"skipped": 2, "image unreadable": 1}


def test_missing_images_are_an_outage_when_they_are_many(services):
    """A few deleted files are left out; with more nothing is trained on what is left."""
    gone = [labelled(n, "ana", image=f"/data/upload/1/{n}.png") for n in range(20, 24)]
    frozen = freeze_dataset(services, 1, labels(*ANA.frames, *gone[:3]))
    assert frozen.excluded["image unavailable"] == 3 and tasks_of(frozen) == list(range(8))
    newest = newest_dataset(services.storage)
    with pytest.raises(StudioUnreachable):
        freeze_dataset(services, 1, labels(*ANA.frames, *gone))
    assert newest_dataset(services.storage) == newest


def test_known_images_are_not_fetched_again(services):
    """A refit takes seconds; the nightly retrain looks at every image again."""
    media = [
        labelled(n, "ana", image=frame_address(services.storage, media_key("a" * 16, n)))
        for n in range(8)
    ]
    for frame in media:
        key = media_key("a" * 16, frame.task_id)
        services.storage.write(key, png(frame.label, frame.task_id))
    first = freeze_dataset(services, 1, labels(*media))
    assert tasks_of(first) == list(range(8))
    services.storage.delete(media_key("a" * 16, 3))
    again = freeze_dataset(services, 1, labels(*media), reuse_images=True)
    assert again.fingerprint == first.fingerprint
    anew = freeze_dataset(services, 1, labels(*media))
    assert 3 not in tasks_of(anew) and 7 in tasks_of(anew)


def test_too_few_labels_store_nothing(services):
    """Counted over all projects together."""
    with refused(TooFewLabels, "too_few"):
        freeze_dataset(services, 1, labels(*ANA.frames[:2]))
    assert newest_dataset(services.storage) is None
    with refused(TooFewLabels, "too_few_of_a_class"):
        freeze_dataset(services, 1, labels(*ANA.frames[::2]))
    with refused(TooFewLabels, "too_few"):
        freeze_dataset(services, None, NO_LABELS)


def test_without_label_studio_clips_are_frozen(tmp_path):
    """Redis is not needed either."""
    settings = Settings(
        _env_file=None, data_dir=tmp_path, redis_url="unix:///nowhere/redis.sock", **LIMITS
    )
    with open_services(settings) as services:
        save_truth(services.storage, a_video(services, "clip"), marked("eva").truth)
        assert 1 == len(freeze_dataset(services, None, NO_LABELS).manifest.truths)
