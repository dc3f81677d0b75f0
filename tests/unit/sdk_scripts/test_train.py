"""What `pushoff train` prints, and what it needs."""

from dataclasses import replace

import pytest

from sdk_scripts.train import scorecard_lines
from tests.unit.workflows.test_analyze import PROVEN


def test_a_scorecard_is_printed_with_its_intervals():
    """What was held out, push-offs within one frame, frames, and pictures alone where measured."""
    held_out, push_offs, frames = scorecard_lines(PROVEN)
    assert held_out == "held out: 41 push-offs of 2 athletes, 400 frames, real footage"
    assert "F1 0.910 (0.840 to 0.960) within one frame" in push_offs
    assert "average precision 0.900 (0.800 to 0.950)" in frames
    lines = scorecard_lines(replace(PROVEN, picture_average_precision=0.5))
    assert lines[-1] == "pictures alone: average precision 0.500"


@pytest.mark.parametrize(
    ("card", "words"),
    [(None, "nothing"), (replace(PROVEN, split_by="time"), "provisional")],
)
def test_a_score_that_is_worth_less_says_so(card, words):
    """No held-out label at all, or held-out frames of videos that were trained on."""
    assert words in scorecard_lines(card)[0]


def test_without_any_label_there_is_nothing_to_train_on(pushoff, monkeypatch):
    """Neither clips nor stored labels: the number that is needed. Redis is not asked."""
    monkeypatch.setenv("PUSHOFF_WEIGHTS", "none")
    result = pushoff("train")
    assert (result.code, result.out) == (1, "")
    assert "0 usable labels, 8 are needed" in result.err
