"""Held-out frames: what they refuse, and how two models' frames are aligned."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.learning.evaluation.evaluation_samples import held_out, pictures


@pytest.mark.parametrize(
    "changes",
    [
        {"groups": ("v",)},
        {"labels": np.array([0, 2])},
        {"probabilities": np.array([0.5, np.nan])},
        {"probabilities": np.array([0.5, 1.5])},
        {"picture_probabilities": np.array([0.5])},
        {"picture_probabilities": np.array([0.5, -0.1])},
        {"frame_indices": np.array([3, 3])},
        {"frame_indices": np.array([3, -2])},
        {"push_offs": {}},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_what_cannot_be_is_refused(changes):
    """Unequal lengths, impossible numbers, a frame twice, a video without its push-offs."""
    with pytest.raises(ValueError):
        dataclasses.replace(held_out({"v": {3: 0, 4: 1}}), **changes)


def test_a_picture_of_no_video_has_the_name_it_was_given():
    """Its id is that name; it needs no push-offs."""
    assert (("picture 0", -1), ("picture 1", -1)) == pictures([1, 0], [0.9, 0.1]).ids


indices = st.lists(st.integers(0, 30), unique=True, max_size=12)


@given(indices, indices)
def test_restricted_to_the_same_frames_two_models_are_aligned(mine, theirs):
    """Whatever the order of either, each row is the same frame, with its own values."""
    labels = {index: index % 2 for index in range(31)}
    one_model = held_out({"v": {i: labels[i] for i in mine}}, {"v": [1, 40]})
    other = held_out({"v": {i: labels[i] for i in theirs}, "w": {1: 1}}, {"v": [2], "w": [1]})
    shared = set(one_model.ids) & set(other.ids)
    a, b = one_model.restricted_to(shared), other.restricted_to(shared)
    assert a.ids == b.ids == tuple(sorted(shared))
    assert np.array_equal(a.labels, b.labels)
    assert [index == 1 for _, index in a.ids] == a.suggested.tolist()
    assert ({"v": (1, 40)} if shared else {}) == a.push_offs


def test_every_column_is_restricted():
    """Also groups, answers and the picture head's probabilities."""
    frames = pictures([1, 0, 1], [0.9, 0.2, 0.7], groups=("a", "b", "c")).restricted_to(
        [("picture 2", -1), ("picture 0", -1)]
    )
    assert ("a", "c") == frames.groups
    assert [0.9, 0.7] == frames.probabilities.tolist() == frames.picture_probabilities.tolist()
    assert 2 == len(frames.unaided) == len(frames.suggested)
