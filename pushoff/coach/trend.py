"""How an athlete's drill changes over time: quantities with uncertainties, by date."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from pushoff.events.report import SessionReport

Measurement = tuple[float, float]
"""(value, one standard deviation)"""


@dataclass(frozen=True)
class TrendEntry:
    """One session of the athlete."""

    session_id: str
    filmed_on: date
    report: SessionReport


@dataclass(frozen=True)
class TrendPoint:
    """The value of a quantity in one session."""

    session_id: str
    filmed_on: date
    value: float
    uncertainty: float
    """One standard deviation."""


@dataclass(frozen=True)
class TrendSeries:
    """One quantity, ordered by date; sessions that do not have it are left out."""

    name: str
    unit: str
    points: tuple[TrendPoint, ...]


def trend(entries: Sequence[TrendEntry]) -> tuple[TrendSeries, ...]:
    """Every quantity that at least one session has."""
    ordered = sorted(entries, key=lambda entry: (entry.filmed_on, entry.session_id))
    series = []
    for name, unit, measure in _QUANTITIES:
        points = []
        for entry in ordered:
            measurement = measure(entry.report)
            if measurement is not None:
                points.append(TrendPoint(entry.session_id, entry.filmed_on, *measurement))
        if points:
            series.append(TrendSeries(name, unit, tuple(points)))
    return tuple(series)


def cadence(report: SessionReport) -> Measurement | None:
    """Steps per minute, from the first push-off of the drill to the last."""
    value = report.distances.cadence_per_min
    error = report.distances.cadence_uncertainty_per_min
    return None if value is None or error is None else (value, error)


def mean_interval(report: SessionReport) -> Measurement | None:
    """Mean time from one push-off to the next, in seconds."""
    measurement = cadence(report)
    if measurement is None:
        return None
    per_min, error = measurement
    interval_s = 60 / per_min
    return interval_s, interval_s * error / per_min


def mean_distance(report: SessionReport) -> Measurement | None:
    """Mean distance from one push-off to the next, in metres, if each was measured."""
    distances, count = report.distances, len(report.distances.phases)
    if distances.total_m is None or distances.total_uncertainty_m is None:
        return None
    return distances.total_m / count, distances.total_uncertainty_m / count


def hop_to_step(report: SessionReport) -> Measurement | None:
    """Ratio of the mean hop (lands on the same foot) to the mean step, if there are both.

    It uses the uncertainties of the shares, in which the calibration cancels. Those of several
    shares are added as independent errors; of hops and steps the larger sum is used, because the
    two sums are complementary.
    """
    foot_at = {
        event.frame: foot for event, foot in zip(report.events, report.sequence.feet, strict=True)
    }
    hops: list[Measurement] = []
    steps: list[Measurement] = []
    for phase in report.distances.phases:
        share, error = phase.share_percent, phase.share_uncertainty_percent
        if share is None or error is None or phase.to_frame is None:
            return None
        start, end = foot_at[phase.from_frame], foot_at[phase.to_frame]
        if start is None or end is None:
            return None
        (hops if start is end else steps).append((share, error))
    if not hops or not steps:
        return None
    hop, step = (sum(share for share, _ in shares) for shares in (hops, steps))
    error = max(math.hypot(*(error for _, error in shares)) for shares in (hops, steps))
    ratio = (hop / len(hops)) / (step / len(steps))
    return ratio, ratio * error * (hop + step) / (hop * step)


_QUANTITIES: tuple[tuple[str, str, Callable[[SessionReport], Measurement | None]], ...] = (
    ("Cadence", "steps per minute", cadence),
    ("Mean interval between push-offs", "s", mean_interval),
    ("Mean distance between push-offs", "m", mean_distance),
    ("Ratio of mean hop to mean step", "", hop_to_step),
)
