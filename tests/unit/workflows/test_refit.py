"""What annotators read after a refit, and how long its parts took."""

import pytest

from pushoff.workflows.refit import PartTimer, news
from pushoff.workflows.results import ComparisonSummary, TrainingOutcome


def outcome(
    champion_f1: float | None, *, proven: bool = True, provisional: bool = False
) -> TrainingOutcome:
    return TrainingOutcome(
        decision="promoted",
        version="resnet18-v2-abcdef",
        promoted=True,
        labels=120,
        comparison=ComparisonSummary(
            average_precision=0.8,
            f1_within_1=0.913,
            champion_average_precision=None if champion_f1 is None else 0.7,
            champion_f1_within_1=champion_f1,
            held_out_frames=90,
            held_out_push_offs=30,
            held_out_groups=3,
            footage="real",
            provisional=provisional,
            proven=proven,
        ),
    )


@pytest.mark.parametrize(
    ("made", "sentence"),
    [
        (TrainingOutcome("promoted", labels=20), "suggestions renewed after 20 labels."),
        (
            outcome(None),
            "suggestions renewed after 120 labels: F1 within one frame 0.91.",
        ),
        (
            outcome(0.844),
            "suggestions renewed after 120 labels: F1 within one frame 0.84 -> 0.91.",
        ),
        (
            outcome(0.844, proven=False),
            "suggestions renewed after 120 labels: F1 within one frame 0.84 -> 0.91 (not proven).",
        ),
        (
            outcome(None, proven=False, provisional=True),
            "suggestions renewed after 120 labels: F1 within one frame 0.91 (provisional).",
        ),
    ],
)
def test_annotators_read_what_their_labels_changed(made, sentence):
    """As far as anything was held out, and compared; with what makes the figures worth less."""
    assert news(made) == sentence


def test_parts_of_one_name_add_up():
    """The sum of all parts is the time since the timer was started."""
    timer = PartTimer()
    for part in ("labels", "fit", "labels"):
        timer(part)
    assert list(timer.seconds) == ["labels", "fit"]
    assert all(seconds >= 0 for seconds in timer.seconds.values())
