"""What annotators read after a refit, and how long its parts took."""

import base64
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from pushoff.services import Services
from pushoff.studio.export.frame_labels import ExportedLabels
from pushoff.values import Box, Label, LabelledFrame
from pushoff.workflows.refit import PartTimer, news, refit_heads
from pushoff.workflows.results import ComparisonSummary, TrainingOutcome
from pushoff.workflows.steps.champion import NO_CHAMPION
from tests.models import save_tiny_model
from tests.unit.learning.learning_samples import draw
from tests.unit.studio.serving import Answer, Seen
from tests.unit.workflows.workflow_samples import worker_services


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


@pytest.fixture
def services(redis_url: str, tmp_path: Path) -> Iterator[Services]:
    """A worker's services, with a Label Studio that only says who asks."""

    def answer(seen: Seen) -> Answer:
        return Answer(b"{}", headers={"Content-Type": "application/json"})

    with worker_services(
        redis_url, tmp_path / "data", answer, weights="none", size_px=32
    ) as opened:
        yield opened


def labels() -> ExportedLabels:
    """Eight loose pictures of two athletes."""
    frames = []
    for number in range(8):
        label, file = Label(number % 2), io.BytesIO()
        Image.fromarray(draw(label, number, 32)).save(file, "PNG")
        data = base64.b64encode(file.getvalue()).decode()
        group = ("ana", "ben")[number // 4]
        frames.append(
            LabelledFrame(
                number, f"data:image/png;base64,{data}", label, group, group, "synthetic",
                Box(0, 0, 32, 32), float(number), False,
            )
        )  # fmt: skip
    return ExportedLabels(tuple(frames), Counter())


def test_labels_are_fitted_again_when_another_version_was_promoted_meanwhile(services, tmp_path):
    """On its backbone, and compared with it; they would wait for the next labels otherwise."""
    card = save_tiny_model(tmp_path / "other", labels=4)
    other = services.registry.register(tmp_path / "other", card, {}, {}, {})
    parts = []

    def on_part(part: str) -> None:
        if part == "fit" and "fit" not in parts:
            services.registry.promote(other, "by hand")
        parts.append(part)

    made, champion = refit_heads(services, 1, labels(), on_part)
    assert parts.count("fit") == 2 and made.version
    assert services.registry.get(made.version).backbone_of == other
    assert champion.version == (made.version if made.promoted else other)
    assert champion.version == services.registry.champion().version


def test_too_few_labels_are_an_outcome(services):
    """The queue is published all the same."""
    few = replace(labels(), frames=labels().frames[:3])
    made, champion = refit_heads(services, 1, few, lambda part: None)
    assert made.version is None and not made.promoted and champion == NO_CHAMPION


def test_parts_of_one_name_add_up():
    """The sum of all parts is the time since the timer was started."""
    timer = PartTimer()
    for part in ("labels", "fit", "labels"):
        timer(part)
    assert list(timer.seconds) == ["labels", "fit"]
    assert all(seconds >= 0 for seconds in timer.seconds.values())
