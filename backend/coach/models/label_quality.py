"""What the models page says of each project's labels, and the drawing of its learning curve."""

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
from pushoff.report.chart import tick_step
from pushoff.storage.assessments import assessed_projects, load_assessment
from pushoff.storage.object_store import Storage

log = logging.getLogger(__name__)

TOP_PX, BOTTOM_PX = 12, 172
"""Of the drawing's plane; below it stand the numbers of labels."""
_LEFT_PERCENT, _RIGHT_PERCENT = 15.0, 5.0
"""Left of the first point, where the scale is written, and right of the last."""


@dataclass(frozen=True)
class CurveDot:
    """One share of the labels: a point and its 95 % interval."""

    x_percent: float
    y_px: float
    low_px: float
    high_px: float
    labels: int
    said: str
    """`0.812 (0.760 to 0.855)`."""


@dataclass(frozen=True)
class CurveDrawing:
    """x in percent of the width, a doubling of labels being always as wide; y in pixels."""

    dots: tuple[CurveDot, ...]
    ticks: tuple[tuple[float, str], ...]


@dataclass(frozen=True)
class LabelsCard:
    """One project's labels."""

    project_id: int
    at: str
    said: tuple[tuple[str, str], ...]
    """(subject, sentence); the learning curve is drawn instead."""
    drawing: CurveDrawing | None


def labels_cards(storage: Storage) -> list[LabelsCard]:
    """Every assessed project's. One that cannot be read is left out, and logged."""
    cards = []
    try:
        for project_id in assessed_projects(storage):
            try:
                found = load_assessment(storage, project_id)
            except PushoffError as why:
                log.warning("%s", why)
                continue
            if found:
                cards.append(_card(found))
    except PushoffError as why:
        log.warning("assessments cannot be listed: %s", why)
    return cards


def _card(found: LabelQualityReport) -> LabelsCard:
    said = [(what, words) for what, words in to_sentences(found) if what != "learning curve"]
    drawing = draw_curve(found.curve) if len(found.curve) > 1 else None
    return LabelsCard(found.project_id, found.at, tuple(said), drawing)


def draw_curve(points: tuple[CurvePoint, ...]) -> CurveDrawing:
    """The drawing of at least two points."""
    ends = [(one.f1.low, one.f1.high) for one in points if one.f1.low is not None]
    values = [one.f1.value for one in points] + [end for pair in ends for end in pair]
    low, high = min(values), max(values)
    room = 0.1 * (high - low) or 0.05
    low, high = max(0.0, low - room), min(1.0, high + room)
    first, last = points[0].labels, points[-1].labels

    def x(labels: int) -> float:
        share = math.log(labels / first) / math.log(last / first)
        return round(_LEFT_PERCENT + share * (100 - _LEFT_PERCENT - _RIGHT_PERCENT), 2)

    def y(value: float | None, otherwise: float = 0.0) -> float:
        share = ((otherwise if value is None else value) - low) / (high - low)
        return round(BOTTOM_PX - share * (BOTTOM_PX - TOP_PX), 1)

    dots = tuple(
        CurveDot(
            x(one.labels),
            y(one.f1.value),
            y(one.f1.low, one.f1.value),
            y(one.f1.high, one.f1.value),
            one.labels,
            format_estimate(one.f1, 3),
        )
        for one in points
    )
    step = tick_step(high - low)
    digits = max(0, -math.floor(math.log10(step)))
    ticks = range(math.ceil(low / step), math.floor(high / step) + 1)
    return CurveDrawing(dots, tuple((y(n * step), f"{n * step:.{digits}f}") for n in ticks))
