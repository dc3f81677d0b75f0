"""Held-out predictions as they travel with a model."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pushoff.learning.model.held_out_predictions import (
    HeldOutPredictions,
    HeldOutVideo,
    from_arrays,
)

NAMES = st.text("0123456789abcdef", min_size=1, max_size=16)
SHARES = st.floats(0, 1, width=32)


@st.composite
def videos(draw):
    count = draw(st.integers(0, 9))
    curve = draw(arrays(np.float32, count, elements=SHARES | st.just(float("nan"))))
    return HeldOutVideo(
        curve,
        draw(arrays(bool, count)),
        draw(arrays(np.float32, count, elements=SHARES)),
        tuple(draw(st.lists(st.integers(0, 10**6), max_size=4))),
    )


@given(st.dictionaries(NAMES, videos(), max_size=3), st.dictionaries(NAMES, SHARES, max_size=3))
def test_predictions_survive_a_round_trip(by_video, by_picture):
    """Whatever the names are; a frame that was never held out stays NaN."""
    predictions = HeldOutPredictions(by_video, by_picture)
    again = from_arrays(predictions.arrays())
    assert again.videos.keys() == by_video.keys() and again.pictures == by_picture
    for name, video in by_video.items():
        found = again.videos[name]
        assert np.array_equal(found.probabilities, video.probabilities, equal_nan=True)
        assert np.array_equal(found.suggested, video.suggested) and found.suggested.dtype == bool
        assert np.array_equal(found.picture_probabilities, video.picture_probabilities)
        assert found.push_offs == video.push_offs


GOOD = HeldOutPredictions(
    {"v": HeldOutVideo(np.array([0.1, np.nan]), np.array([True, False]), np.full(2, 0.5), (0,))},
    {"p": 0.5},
).arrays()


@pytest.mark.parametrize(
    "change",
    [
        {"video.v": np.zeros((2, 2), np.float32)},
        {"video.v": np.zeros(3, np.float32)},
        {"video.v": np.full((3, 2), 1.5, np.float32)},
        {"video.v": np.full((3, 2), -0.5, np.float32)},
        {"video.v": np.full((3, 2), np.nan, np.float32)},
        {"video.v": np.full((3, 2), np.inf, np.float32)},
        {"events.v": np.zeros((1, 1), np.int32)},
        {"pictures.p": np.array([np.nan], np.float32)},
        {"pictures.p": np.array([2.0], np.float32)},
        {"pictures.p": np.zeros(0, np.float32)},
        {"video.w": np.zeros((3, 2), np.float32)},
    ],
    ids=str,
)
def test_damaged_numbers_are_refused(change):
    """Another shape, what is not a probability, and a video without its events."""
    from_arrays(GOOD)
    with pytest.raises((KeyError, ValueError, IndexError)):
        from_arrays(GOOD | change)
