import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.uncertainty import annotation_scores

rows = st.lists(
    st.tuples(st.floats(0, 1), st.sampled_from("ab"), st.one_of(st.none(), st.floats(0, 5))),
    max_size=40,
)


@given(rows, st.floats(0.05, 0.95))
def test_scores_lie_between_0_and_1(frames, threshold):
    """Whatever the model says, Label Studio gets finite scores from 0 to 1, one per task."""
    scores = annotation_scores(
        np.array([f[0] for f in frames]), threshold, [f[1] for f in frames],
        [f[2] for f in frames], 0.033,
    )  # fmt: skip
    assert scores.shape == (len(frames),)
    assert np.isfinite(scores).all() and (scores >= 0).all() and (scores <= 1).all()


@given(rows, st.floats(0.05, 0.95))
def test_no_near_copy_comes_before_its_better(frames, threshold):
    """Of the frames before any score below one half, no two of a session are near copies."""
    scores = annotation_scores(
        np.array([f[0] for f in frames]), threshold, [f[1] for f in frames],
        [f[2] for f in frames], 0.033,
    )  # fmt: skip
    early = [f for f, s in zip(frames, scores, strict=True) if s < 0.5 and f[2] is not None]
    for i, one in enumerate(early):
        for other in early[i + 1 :]:
            assert one[1] != other[1] or abs(one[2] - other[2]) >= 0.033


def test_least_sure_first():
    """Without near copies the order is by distance from the threshold."""
    scores = annotation_scores(np.array([0.99, 0.31, 0.02, 0.6]), 0.3, ["s"] * 4, [0, 1, 2, 3], 0.1)
    assert list(np.argsort(scores)) == [1, 3, 2, 0]


def test_uploads_without_time_stand_for_themselves():
    """Frames uploaded by hand, without a time, are never taken for near copies."""
    assert annotation_scores(np.array([0.5, 0.5]), 0.5, ["s", "s"], [None, None], 1.0).max() == 0


def test_unequal_lengths_are_an_error():
    """Scores can never slip to a neighbouring task."""
    with pytest.raises(ValueError):
        annotation_scores(np.array([0.5]), 0.5, [], [], 0.1)
