"""What `pushoff compare-architectures` prints, and what it needs."""

from dataclasses import replace

from pushoff.workflows.compare_architectures import JudgedArchitecture
from sdk_scripts.compare_architectures import architecture_lines
from tests.unit.learning.evaluation.evaluation_samples import steps
from tests.unit.workflows.test_analyze import PROVEN


def test_scores_time_and_memory_are_printed():
    """And what was not as asked for."""
    judged = JudgedArchitecture(
        "resnet34", "random", steps(2, 2), PROVEN, 61.4, 30.2, 1234.5, ("backbone not trained",)
    )
    first, *scores, seconds, note = architecture_lines(judged)
    assert first == "resnet34, initial weights random"
    assert "41 push-offs of 2 athletes" in scores[0]
    assert seconds == "  backbone 61 s, features and heads 30 s, 1234 MiB"
    assert note == "  backbone not trained"
    assert "nothing" in architecture_lines(replace(judged, scorecard=None))[1]


def test_without_any_label_there_is_nothing_to_compare(pushoff, monkeypatch):
    """The number that is needed."""
    monkeypatch.setenv("PUSHOFF_WEIGHTS", "none")
    result = pushoff("compare-architectures")
    assert (result.code, result.out) == (1, "")
    assert "0 usable labels, 8 are needed" in result.err
