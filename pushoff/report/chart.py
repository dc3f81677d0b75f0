"""Where everything stands in the drawing of a report's probability curve."""

import math
from dataclasses import dataclass

from pushoff.events.report import SessionReport

WIDTH, HEIGHT = 1000, 100
"""Of the curve's own coordinates; the page stretches them."""
_TICKS = 6
"""At most this many marks on the time axis: more run into each other on a phone."""


@dataclass(frozen=True)
class Mark:
    """One push-off on the time axis."""

    x_percent: float
    """Of the drawing's width."""
    letter: str
    kind: str
    """`push`, `run` or `maybe`."""
    title: str


@dataclass(frozen=True)
class Chart:
    """The curve, the push-offs and the time axis."""

    line: str
    """The points of an SVG polyline, `x,y x,y ...`, y pointing down."""
    marks: tuple[Mark, ...]
    ticks: tuple[tuple[float, str], ...]
    """x in percent of the width, and what is written there."""
    axis: str


def draw(report: SessionReport) -> Chart | None:
    """The chart of a report, None where there is too little to draw."""
    curve = report.curve
    places = curve.times_s if curve.times_s is not None else curve.frames
    if len(places) < 2:
        return None
    first, last = places[0], places[-1]

    def percent(place: float) -> float:
        return round(min(max((place - first) / (last - first), 0.0), 1.0) * 100, 2)

    line = " ".join(
        f"{percent(place) * WIDTH / 100:.1f},{HEIGHT * (1 - height):.1f}"
        for place, height in zip(places, curve.push_off, strict=True)
    )
    marks = []
    for index, event in enumerate(report.events):
        foot = report.sequence.feet[index]
        at = event.time_s if report.time_trusted else event.frame
        when = f"{at:.3f} s" if report.time_trusted else f"frame {at}"
        title = f"{report.labels[index]}: {foot.value if foot else 'unknown'} foot, {when}"
        marks.append(Mark(percent(at), foot.letter if foot else "?", report.kind(index), title))
    step = tick_step(last - first, whole=not report.time_trusted)
    digits = max(0, -math.floor(math.log10(step)))
    start, stop = math.ceil(first / step - 1e-9), math.floor(last / step + 1e-9)
    ticks = tuple((percent(n * step), f"{n * step:.{digits}f}") for n in range(start, stop + 1))
    axis = "seconds of the video in real time" if report.time_trusted else "frames of the video"
    return Chart(line, tuple(marks), ticks, axis)


def tick_step(span: float, whole: bool = False) -> float:
    """The least of 1, 2, 5, 10, ... (or tenths and hundredths of them) that leaves few ticks."""
    rough = span / _TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * k for k in (1, 2, 5, 10) if power * k >= rough * (1 - 1e-9))
    return max(step, 1.0) if whole else step
