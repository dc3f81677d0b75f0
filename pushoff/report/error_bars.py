"""Coordinates of a chart of points with error bars, for an SVG whose width the page sets."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from pushoff.report.chart import tick_step

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
    ticks: tuple[tuple[float, str], ...]
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

    def x_percent(x: float) -> float:
        share = (x - first) / (last - first) if last > first else 0.5
        return round(_LEFT_PERCENT + share * (100 - _LEFT_PERCENT - _RIGHT_PERCENT), 2)

    def y_px(value: float) -> float:
        share = (value - low) / (high - low)
        return round(BOTTOM_PX - share * (BOTTOM_PX - TOP_PX), 1)

    dots = tuple(
        Dot(
            x_percent(bar.x),
            y_px(bar.value),
            y_px(bar.low),
            y_px(bar.high),
            bar.label,
            bar.highlighted,
        )
        for bar in bars
    )
    step = tick_step(high - low)
    digits = max(0, -math.floor(math.log10(step)))
    numbers = range(math.ceil(low / step), math.floor(high / step) + 1)
    return ErrorBarChart(dots, tuple((y_px(n * step), f"{n * step:.{digits}f}") for n in numbers))
