"""Coordinates of charts: an axis with ticks, and the probability curve of a report.

x is in percent of the drawing's width, which the page sets; y in the drawing's units.
"""

import math
from dataclasses import dataclass

from pushoff.events.report import SessionReport

WIDTH, HEIGHT = 1000, 100
"""The coordinates of the probability curve; the page stretches them."""
_MAX_TICKS = 6
"""More labels overlap on a phone."""

Tick = tuple[float, str]
"""Position and label."""


@dataclass(frozen=True)
class Axis:
    """A linear scale from values to positions."""

    low: float
    high: float
    """Values, `low` < `high`."""
    start: float
    end: float
    """Positions of `low` and `high`."""

    def position(self, value: float, digits: int = 2) -> float:
        """Where a value is drawn; values outside the axis at its ends."""
        share = min(max((value - self.low) / (self.high - self.low), 0.0), 1.0)
        return round(self.start + share * (self.end - self.start), digits)

    def ticks(self, digits: int = 2, whole: bool = False) -> tuple[Tick, ...]:
        """Round values within the axis; `whole`: whole numbers only."""
        step = tick_step(self.high - self.low, whole)
        decimals = max(0, -math.floor(math.log10(step)))
        first = math.ceil(self.low / step - 1e-9)
        last = math.floor(self.high / step + 1e-9)
        return tuple(
            (self.position(n * step, digits), f"{n * step:.{decimals}f}")
            for n in range(first, last + 1)
        )


def tick_step(span: float, whole: bool = False) -> float:
    """The smallest of 1, 2, 5, 10, ... (or tenths and hundredths of them) that gives few ticks."""
    rough = span / _MAX_TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * k for k in (1, 2, 5, 10) if power * k >= rough * (1 - 1e-9))
    return max(step, 1.0) if whole else step


@dataclass(frozen=True)
class Mark:
    """One push-off on the time axis."""

    x_percent: float
    letter: str
    """`L`, `R` or `?`."""
    kind: str
    """`push`, `run` or `maybe`."""
    title: str


@dataclass(frozen=True)
class CurveChart:
    """The probability curve, the push-offs and the time axis."""

    points: tuple[tuple[float, float], ...]
    """(x, y) in WIDTH and HEIGHT, y pointing down."""
    marks: tuple[Mark, ...]
    ticks: tuple[Tick, ...]
    axis: str
    """The label of the time axis."""

    @property
    def polyline(self) -> str:
        """The points as SVG writes them: `x,y x,y ...`."""
        return " ".join(f"{x:.1f},{y:.1f}" for x, y in self.points)


def draw_curve(report: SessionReport) -> CurveChart | None:
    """The probability curve of a report, None with fewer than two points."""
    curve = report.curve
    positions = curve.times_s if curve.times_s is not None else curve.frames
    if len(positions) < 2:
        return None
    axis = Axis(positions[0], positions[-1], 0.0, 100.0)
    marks = []
    for index, event in enumerate(report.events):
        foot = report.sequence.feet[index]
        at = event.time_s if report.time_trusted else event.frame
        when = f"{event.time_s:.3f} s" if report.time_trusted else f"frame {event.frame}"
        marks.append(
            Mark(
                x_percent=axis.position(at),
                letter=foot.letter if foot else "?",
                kind=report.kind(index),
                title=f"{report.labels[index]}: {foot.value if foot else 'unknown'} foot, {when}",
            )
        )
    return CurveChart(
        points=tuple(
            (axis.position(position) * WIDTH / 100, HEIGHT * (1 - probability))
            for position, probability in zip(positions, curve.push_off, strict=True)
        ),
        marks=tuple(marks),
        ticks=axis.ticks(whole=not report.time_trusted),
        axis="seconds in real time" if report.time_trusted else "frames",
    )
