"""pushoff/storage/event_predictions.py: a model's push-offs in a video."""

import pytest

from pushoff.errors import StorageFailed
from pushoff.storage.object_store import Storage
from pushoff.storage.video_predictions import (
    VideoPredictions,
    load_video_predictions,
    save_video_predictions,
)

VIDEO = "0123456789abcdef"


@pytest.fixture
def storage(tmp_path) -> Storage:
    """An empty one."""
    return Storage(str(tmp_path / "store"))


def test_predictions_are_stored_until_another_version_replaces_them(storage):
    """The newest predictions of each video; None before the first."""
    assert load_video_predictions(storage, VIDEO) is None
    for version in ("v1", "v2"):
        spotted = VideoPredictions(version, ((12, 0.9), (40, 0.25)))
        save_video_predictions(storage, VIDEO, spotted)
        assert load_video_predictions(storage, VIDEO) == spotted


def test_damaged_predictions_have_a_remedy(storage):
    """A damaged file is refused, not guessed at."""
    save_video_predictions(storage, VIDEO, VideoPredictions("v1", ()))
    storage.write_json(
        f"videos/{VIDEO}/event_predictions.json", {"format": 1, "version": "v1", "push_offs": [[1]]}
    )
    with pytest.raises(StorageFailed) as failed:
        load_video_predictions(storage, VIDEO)
    assert failed.value.code == "invalid_value"
    assert failed.value.remedy


def test_the_least_certain_video_has_the_smallest_score():
    """Smallest first in the queue; a video in which nothing was found before all others."""
    sure, unsure = (
        VideoPredictions("v1", ((1, 0.9), (2, 0.8))),
        VideoPredictions("v1", ((1, 0.9), (2, 0.1))),
    )
    assert 0 == VideoPredictions("v1", ()).score < unsure.score < sure.score < 1
