"""What checked sessions brought, as a sentence."""

import pytest

from pushoff.errors import ModelRefused
from pushoff.learning.registry.learning_progress import (
    LearningProgress,
    parse_progress,
    progress_json,
)

BETTER = LearningProgress(20, 14, 0.93, 0.81, "athlete", {"disagreement": 2, "skipped": 1})


def test_it_is_read_back():
    """From the tag that MLflow stores."""
    assert parse_progress(progress_json(BETTER)) == BETTER
    with pytest.raises(ModelRefused):
        parse_progress('{"checked_sessions": "many"}')


def test_it_says_how_much_better_the_model_is_since_then():
    """On what was held out; nothing where no session is new or nothing was held out."""
    assert BETTER.sentence == (
        "since your last 14 checked sessions: F1 within one frame 0.81 -> 0.93 on athletes it has "
        "not seen"
    )
    first = LearningProgress(1, 1, 0.9)
    assert first.sentence == (
        "since your last checked session: F1 within one frame 0.90 on videos it has not seen"
    )
    assert LearningProgress(3, 0, 0.9, 0.9).sentence == ""
    assert LearningProgress(3, 3).sentence == ""


def test_labels_that_people_disagree_on_are_counted():
    """By reason."""
    assert BETTER.excluded_sentence == (
        "3 labels were not learnt from: disagreement (2), skipped (1)"
    )
    assert LearningProgress(excluded={"skipped": 1}).excluded_sentence.startswith("1 label was")
    assert LearningProgress().excluded_sentence == ""
