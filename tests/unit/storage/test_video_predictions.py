"""pushoff/storage/video_predictions.py: what a model found in a video."""

import pytest

from pushoff.errors import StorageFailed
from pushoff.storage.object_store import Storage
from pushoff.storage.video_predictions import (
    VideoPredictions,
    load_video_predictions,
    predictions_of,
    save_video_predictions,
)
from pushoff.values import Label, Suggestion
from tests.models import tiny_features, tiny_model

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
        f"videos/{VIDEO}/predictions.json", {"format": 2, "version": "v1", "push_offs": [[1]]}
    )
    with pytest.raises(StorageFailed) as failed:
        load_video_predictions(storage, VIDEO)
    assert failed.value.code == "invalid_value"
    assert failed.value.remedy


def test_a_models_findings_are_the_same_stored_or_not(storage):
    """They are rounded before anybody uses them."""
    found = tiny_model(sequence=True).predict_video(tiny_features())
    predictions = predictions_of("v1", found)
    save_video_predictions(storage, VIDEO, predictions)
    assert load_video_predictions(storage, VIDEO) == predictions
    assert predictions.probabilities == pytest.approx(found.probabilities, abs=1e-4)
    assert [frame for frame, _ in predictions.push_offs] == [event.frame for event in found.events]
    suggested = [predictions.suggestion(n).label is Label.PUSH_OFF for n in range(24)]
    assert suggested == found.suggested.tolist()


def test_a_frame_that_was_not_analysed_has_no_suggestion():
    """Before the first and behind the last."""
    predictions = VideoPredictions("v1", ((1, 0.9),), (0.1, 0.8), (1,))
    assert predictions.suggestion(1) == Suggestion(Label.PUSH_OFF, 0.8)
    assert predictions.suggestion(0) == Suggestion(Label.NOT_PUSH_OFF, 0.1)
    assert predictions.suggestion(2) is None and predictions.suggestion(-1) is None


def test_the_least_certain_video_has_the_smallest_score():
    """Smallest first in the queue; a video in which nothing was found before all others."""
    sure, unsure = (
        VideoPredictions("v1", ((1, 0.9), (2, 0.8))),
        VideoPredictions("v1", ((1, 0.9), (2, 0.1))),
    )
    assert 0 == VideoPredictions("v1", ()).score < unsure.score < sure.score < 1
