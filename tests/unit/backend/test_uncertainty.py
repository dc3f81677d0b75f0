"""backend/uncertainty.py: which frame is annotated first."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.uncertainty import annotation_score


@given(st.floats(0, 1))
def test_scores_are_between_0_and_1(probability):
    """Label Studio gets a finite score; both classes count the same."""
    score = annotation_score(probability)
    assert 0 <= score <= 1
    assert score == pytest.approx(annotation_score(1 - probability))


def test_the_least_certain_frame_comes_first():
    """The order is by distance from one half; certain predictions come last."""
    probabilities = [0.99, 0.41, 0.02, 0.6, 0.5, 0.0, 1.0]
    assert sorted(probabilities, key=annotation_score) == [0.5, 0.41, 0.6, 0.02, 0.99, 0.0, 1.0]
    assert [annotation_score(p) for p in (0.5, 0.75, 0.0, 1.0)] == [0, 0.5, 1, 1]
