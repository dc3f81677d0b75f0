"""The label quality of each project, for the models page, with its learning curve."""

import logging
import math
from dataclasses import dataclass

from pushoff.active.label_quality.assessment import (
    CurvePoint,
    LabelQualityReport,
    format_estimate,
    to_sentences,
)
from pushoff.errors import PushoffError
from pushoff.report.error_bars import ErrorBar, ErrorBarChart, draw_error_bars
from pushoff.storage.assessments import assessed_projects, load_assessment
from pushoff.storage.object_store import Storage

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class LearningCurve:
    """Held-out F1 by number of labels."""

    rows: tuple[tuple[int, str], ...]
    """(labels, `0.812 (0.760 to 0.855)`)."""
    chart: ErrorBarChart
    """A doubling of labels always has the same width."""


@dataclass(frozen=True)
class LabelQualityCard:
    """The labels of one project."""

    project_id: int
    at: str
    sentences: tuple[tuple[str, str], ...]
    """(subject, sentence), without the learning curve."""
    learning_curve: LearningCurve | None


def label_quality_cards(storage: Storage) -> list[LabelQualityCard]:
    """One for each assessed project. One that cannot be loaded is logged and left out."""
    cards = []
    try:
        for project_id in assessed_projects(storage):
            try:
                report = load_assessment(storage, project_id)
            except PushoffError as error:
                log.warning(
                    "project %d: label quality report could not be loaded: %s", project_id, error
                )
                continue
            if report:
                cards.append(_card(report))
    except PushoffError as error:
        log.warning("label quality reports could not be listed: %s", error)
    return cards


def _card(report: LabelQualityReport) -> LabelQualityCard:
    sentences = tuple(
        (subject, text) for subject, text in to_sentences(report) if subject != "learning curve"
    )
    curve = draw_learning_curve(report.curve) if len(report.curve) > 1 else None
    return LabelQualityCard(report.project_id, report.at, sentences, curve)


def draw_learning_curve(points: tuple[CurvePoint, ...]) -> LearningCurve:
    """The curve of at least two points; error bars are 95 % intervals."""
    rows = tuple((point.labels, format_estimate(point.f1, 3)) for point in points)
    bars = [
        ErrorBar(
            math.log(point.labels),
            point.f1.value,
            point.f1.value if point.f1.low is None else point.f1.low,
            point.f1.value if point.f1.high is None else point.f1.high,
            f"{labels} labels: {text}",
        )
        for point, (labels, text) in zip(points, rows, strict=True)
    ]
    return LearningCurve(rows, draw_error_bars(bars, minimum=0.0, maximum=1.0))
