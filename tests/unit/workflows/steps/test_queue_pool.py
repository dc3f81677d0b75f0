"""Frames and their features as query strategies see them."""

import numpy as np
import pytest

from pushoff.learning.model.frame_suggestion import NOBODY_FOUND, FrameSuggestion
from pushoff.storage.feature_store import FeatureStore
from pushoff.storage.object_store import Storage
from pushoff.studio.task_data import TaskFrame, read_frame
from pushoff.values import Label, LabelledFrame, Suggestion
from pushoff.workflows.steps.queue_pool import NEUTRAL, labelled_pool, unlabelled_pool

VIDEO = "ab" * 8


@pytest.fixture
def store(tmp_path) -> FeatureStore:
    """Five frames of one video, their features 0 to 4."""
    store = FeatureStore(Storage(str(tmp_path)), "0" * 16)
    store.save_video(VIDEO, np.arange(5)[:, None].repeat(2, axis=1))
    return store


def label(frame_index: int | None, video_id: str = VIDEO) -> LabelledFrame:
    return LabelledFrame(
        1, "x.jpg", Label.PUSH_OFF, "ada", video_id, "real", None, 0.3, False, frame_index
    )


def test_labelled_frames_without_features_are_left_out(store):
    """A label of an image that is gone has nothing to compare with."""
    pool = labelled_pool(store, [label(3), label(None), label(1), label(2, "cd" * 8)])
    assert pool.features.tolist() == [[3, 3], [1, 1]]
    assert pool.labels.tolist() == [1, 1]
    assert (pool.video_ids, pool.groups) == ((VIDEO,) * 2, ("ada",) * 2)
    assert len(labelled_pool(store, [])) == 0


def frames(*times: dict[str, float]) -> list[TaskFrame]:
    data = {"image": "x.jpg", "video_id": VIDEO, "athlete": "ada", "frame_index": 4}
    return [read_frame(data | time, "image") for time in times]


def test_before_a_model_the_pool_has_no_probabilities(store):
    """Features, athlete and time of each frame; NaN for a time that is not known."""
    nothing = [FrameSuggestion(None)] * 2
    pool = unlabelled_pool(store, frames({"time_s": 0.4}, {}), nothing, labelled_pool(store, []))
    assert pool.probabilities is None
    assert pool.features.tolist() == [[4, 4], [4, 4]]
    assert pool.times_s[0] == 0.4 and np.isnan(pool.times_s[1])
    assert len(unlabelled_pool(store, [], [], labelled_pool(store, []))) == 0


def test_probabilities_are_those_that_are_suggested(store):
    """Of push_off, whatever the label is; a frame without a suggestion is undecided, and one in
    which nobody was found is not asked for."""
    suggestions = [
        FrameSuggestion(Suggestion(Label.NOT_PUSH_OFF, 0.125)),
        FrameSuggestion(None, "No suggestion: unlike all."),
        FrameSuggestion(Suggestion(Label.PUSH_OFF, 0.25)),
        NOBODY_FOUND,
    ]
    pool = unlabelled_pool(store, frames({}, {}, {}, {}), suggestions, labelled_pool(store, []))
    assert pool.probabilities.tolist() == [0.125, NEUTRAL, 0.25, 0]
