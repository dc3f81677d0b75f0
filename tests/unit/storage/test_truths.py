"""Known push-offs of stored clips."""

from dataclasses import replace

import pytest

from pushoff.errors import StorageFailed, Unsafe
from pushoff.events.values import Direction
from pushoff.storage.deletion import delete_video
from pushoff.storage.object_store import Storage
from pushoff.storage.truths import load_truths, save_truth
from pushoff.storage.videos import add_video
from pushoff.values import Exercise
from tests.unit.learning.data.dataset_samples import marked

ONE, OTHER = "0" * 16, "f" * 16
TRUTH = replace(
    marked("ana").truth,
    feet=("left", "right", None, "left", "right", None, "left", "right"),
    approach=(True,) * 4 + (False,) * 4,
    direction=Direction.LEFT,
    touch_down_frames=(1, 2, 3),
    athlete="ana",
    width_px=1280,
)


@pytest.fixture
def storage(tmp_path) -> Storage:
    """An empty one."""
    return Storage(str(tmp_path / "store"))


def test_truths_come_back_as_they_were(storage):
    """Of every clip, by video id; the last one that was stored counts."""
    assert load_truths(storage) == {}
    save_truth(storage, ONE, marked("ben").truth)
    save_truth(storage, ONE, TRUTH)
    save_truth(storage, OTHER, marked("ben").truth)
    assert load_truths(storage) == {ONE: TRUTH, OTHER: marked("ben").truth}


def test_other_files_of_a_video_are_no_truth(storage, tmp_path):
    """Nor are files that somebody put beside the videos."""
    (tmp_path / "video").write_bytes(b"a video")
    add_video(storage, tmp_path / "video", athlete="ana", exercise=Exercise.HOPS)
    storage.write_json("videos/truth.json", {"format": 1})
    storage.write_json("videos/notes/truth.json", {"format": 1})
    assert load_truths(storage) == {}


def test_a_deleted_video_has_no_truth(storage, tmp_path):
    """It is stored in the video's own folder."""
    (tmp_path / "video").write_bytes(b"a video")
    video = add_video(storage, tmp_path / "video", athlete="ana", exercise=Exercise.HOPS)
    save_truth(storage, video.video_id, TRUTH)
    delete_video(storage, video.video_id)
    assert load_truths(storage) == {}


@pytest.mark.parametrize(
    ("record", "code"),
    [({"format": 1}, "unknown_format"), ({"format": 2, "frames": "many"}, "invalid_value")],
)
def test_a_damaged_truth_has_a_remedy(storage, record, code):
    """It is refused, not guessed at."""
    storage.write_json(f"videos/{ONE}/truth.json", record)
    with pytest.raises(StorageFailed) as failed:
        load_truths(storage)
    assert failed.value.code == code and failed.value.remedy


@pytest.mark.parametrize("wrong", ["", "..", "a/b", "A" * 16])
def test_what_is_not_a_video_id_is_refused(storage, wrong):
    """Nothing is written."""
    with pytest.raises(Unsafe):
        save_truth(storage, wrong, TRUTH)
    assert storage.list() == []
