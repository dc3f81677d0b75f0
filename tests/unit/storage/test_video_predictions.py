"""pushoff/storage/video_predictions.py: what a model found in a video."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
        f"videos/{VIDEO}/predictions.json", {"format": 3, "version": "v1", "push_offs": [[1]]}
    )
    with pytest.raises(StorageFailed) as failed:
        load_video_predictions(storage, VIDEO)
    assert failed.value.code == "invalid_value"
    assert failed.value.remedy


def test_a_models_findings_are_the_same_stored_or_not(storage):
    """They are rounded before anybody uses them."""
    found = tiny_model(sequence=True).predict_video(tiny_features())
    predictions = predictions_of("v1", found, 240.0)
    save_video_predictions(storage, VIDEO, predictions)
    assert load_video_predictions(storage, VIDEO) == predictions
    assert predictions.capture_fps == 240
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


@given(st.data())
def test_the_suggestion_of_a_frame_follows_from_what_was_stored(data):
    """Its probability is the frame's own, push_off where it is listed; beyond the ends none."""
    probabilities = data.draw(st.lists(st.floats(0, 1), max_size=20))
    frames = range(len(probabilities))
    suggested = data.draw(st.sets(st.sampled_from(frames))) if probabilities else set()
    found = VideoPredictions("v1", (), tuple(probabilities), tuple(sorted(suggested)))
    for frame in frames:
        suggestion = found.suggestion(frame)
        assert suggestion.probability == probabilities[frame]
        assert (suggestion.label is Label.PUSH_OFF) == (frame in suggested)
        assert 0 <= suggestion.confidence <= 1
    outside = data.draw(st.integers() | st.just(len(probabilities)))
    if outside not in frames:
        assert found.suggestion(outside) is None


@given(st.lists(st.tuples(st.integers(0, 100), st.floats(0, 1)), max_size=9))
def test_the_place_in_the_queue_is_a_share(push_offs):
    """Whatever was found."""
    assert 0 <= VideoPredictions("v1", tuple(push_offs)).score <= 1
