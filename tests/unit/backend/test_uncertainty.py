"""backend/uncertainty.py: which frame is annotated first."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from backend.uncertainty import annotation_scores

probabilities = st.lists(st.floats(0, 1), max_size=40)
thresholds = st.floats(0.05, 0.95)


@given(probabilities, thresholds)
def test_scores_are_between_0_and_1(values, threshold):
    """Label Studio gets one finite score per task."""
    scores = annotation_scores(np.array(values), threshold)
    assert scores.shape == (len(values),)
    assert np.isfinite(scores).all() and (scores >= 0).all() and (scores <= 1).all()


@given(probabilities, thresholds)
def test_certain_predictions_come_last(values, threshold):
    """Probabilities 0 and 1 have score 1, the threshold itself has score 0."""
    scores = annotation_scores(np.array([*values, 0.0, 1.0, threshold]), threshold)
    assert list(scores[-3:]) == [1, 1, 0]


def test_the_least_certain_frame_comes_first():
    """The order is by distance from the threshold."""
    scores = annotation_scores(np.array([0.99, 0.31, 0.02, 0.6]), 0.3)
    assert list(np.argsort(scores)) == [1, 3, 2, 0]


def test_both_sides_of_the_threshold_are_scaled():
    """Half of the possible distance scores 0.5 on either side."""
    assert np.allclose(annotation_scores(np.array([0.1, 0.6]), 0.2), 0.5)


@given(probabilities, thresholds)
def test_the_score_does_not_depend_on_other_frames(values, threshold):
    """A batch gives the same scores as its frames one by one."""
    together = annotation_scores(np.array(values), threshold)
    alone = [annotation_scores(np.array([value]), threshold)[0] for value in values]
    assert together.tolist() == alone
