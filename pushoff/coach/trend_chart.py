"""Where everything stands in the drawing of one quantity over days."""

import math
from dataclasses import dataclass
from datetime import date

from pushoff.coach.trend import TrendPoint, TrendSeries
from pushoff.report.chart import tick_step

TOP_PX, BOTTOM_PX = 12, 172
"""Of the drawing's plane; below it stand the days."""
_LEFT_PERCENT, _RIGHT_PERCENT = 15.0, 4.0
"""Left of the first day, where the scale is written, and right of the last."""


@dataclass(frozen=True)
class Dot:
    """One session: a point and its error bar of one standard deviation each way."""

    x_percent: float
    y_px: float
    low_px: float
    high_px: float
    point: TrendPoint


@dataclass(frozen=True)
class TrendChart:
    """x in percent of the width, y in pixels from the top."""

    dots: tuple[Dot, ...]
    ticks: tuple[tuple[float, str], ...]
    """y, and what is written there."""
    days: tuple[tuple[float, date], ...]
    """x of the first and the last day."""


def draw_trend(series: TrendSeries) -> TrendChart:
    """The chart of a series with at least one point."""
    low = min(point.value - point.uncertainty for point in series.points)
    high = max(point.value + point.uncertainty for point in series.points)
    room = 0.1 * (high - low) or abs(high) * 0.1 or 1.0
    low, high = low - room, high + room
    first, last = series.points[0].filmed_on, series.points[-1].filmed_on

    def x(day: date) -> float:
        share = (day - first) / (last - first) if last > first else 0.5
        return round(_LEFT_PERCENT + share * (100 - _LEFT_PERCENT - _RIGHT_PERCENT), 2)

    def y(value: float) -> float:
        share = (value - low) / (high - low)
        return round(BOTTOM_PX - share * (BOTTOM_PX - TOP_PX), 1)

    dots = tuple(
        Dot(
            x(point.filmed_on),
            y(point.value),
            y(point.value - point.uncertainty),
            y(point.value + point.uncertainty),
            point,
        )
        for point in series.points
    )
    step = tick_step(high - low)
    digits = max(0, -math.floor(math.log10(step)))
    ticks = range(math.ceil(low / step), math.floor(high / step) + 1)
    days = ((x(first), first), (x(last), last)) if last > first else ((x(first), first),)
    return TrendChart(dots, tuple((y(n * step), f"{n * step:.{digits}f}") for n in ticks), days)
