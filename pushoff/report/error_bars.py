"""Coordinates of a chart of points with error bars, for an SVG whose width the page sets."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from pushoff.report.chart import Axis, Tick

TOP_PX, BOTTOM_PX = 12, 172
"""Of the plot area; labels of the x axis are below it."""
_LEFT_PERCENT, _RIGHT_PERCENT = 15.0, 5.0
"""Margins of the plot area; the labels of the y axis are on the left."""


@dataclass(frozen=True)
class ErrorBar:
    """A value with its interval, in the units of the axes."""

    x: float
    value: float
    low: float
    high: float
    label: str
    """Tooltip of the point."""
    highlighted: bool = False


@dataclass(frozen=True)
class Dot:
    """A drawn point: x in percent of the width, y in pixels from the top."""

    x_percent: float
    y_px: float
    low_px: float
    high_px: float
    label: str
    highlighted: bool


@dataclass(frozen=True)
class ErrorBarChart:
    """The points and the marks on the y axis."""

    dots: tuple[Dot, ...]
    ticks: tuple[Tick, ...]
    """(y in pixels, label)."""


def draw_error_bars(
    bars: Sequence[ErrorBar], minimum: float = -math.inf, maximum: float = math.inf
) -> ErrorBarChart:
    """The chart of at least one point; the y axis ends at `minimum` and `maximum`."""
    low = min(bar.low for bar in bars)
    high = max(bar.high for bar in bars)
    margin = 0.1 * (high - low) or 0.1 * abs(high) or 1.0
    low, high = max(low - margin, minimum), min(high + margin, maximum)
    first, last = bars[0].x, bars[-1].x
    if not last > first:
        first, last = first - 1, first + 1  # a single point is in the middle
    x_axis = Axis(first, last, _LEFT_PERCENT, 100 - _RIGHT_PERCENT)
    y_axis = Axis(low, high, BOTTOM_PX, TOP_PX)
    dots = tuple(
        Dot(
            x_axis.position(bar.x),
            y_axis.position(bar.value, digits=1),
            y_axis.position(bar.low, digits=1),
            y_axis.position(bar.high, digits=1),
            bar.label,
            bar.highlighted,
        )
        for bar in bars
    )
    return ErrorBarChart(dots, y_axis.ticks(digits=1))
