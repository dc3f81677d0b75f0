"""How an athlete's drill changes from session to session: numbers with errors, over days."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from pushoff.events.report import SessionReport

Measurement = tuple[float, float]
"""A value and one standard deviation."""


@dataclass(frozen=True)
class TrendEntry:
    """One session of the athlete."""

    session_id: str
    filmed_on: date
    report: SessionReport


@dataclass(frozen=True)
class TrendPoint:
    """What one session says of a quantity."""

    session_id: str
    filmed_on: date
    value: float
    uncertainty: float
    """One standard deviation."""


@dataclass(frozen=True)
class TrendSeries:
    """One quantity, in order of days; sessions that do not know it are left out."""

    name: str
    unit: str
    points: tuple[TrendPoint, ...]


def trend(entries: Sequence[TrendEntry]) -> tuple[TrendSeries, ...]:
    """Each quantity that at least one session knows."""
    ordered = sorted(entries, key=lambda entry: (entry.filmed_on, entry.session_id))
    found = []
    for name, unit, measure in _QUANTITIES:
        measured = [(entry, measure(entry.report)) for entry in ordered]
        points = tuple(
            TrendPoint(entry.session_id, entry.filmed_on, *known)
            for entry, known in measured
            if known
        )
        if points:
            found.append(TrendSeries(name, unit, points))
    return tuple(found)


def cadence(report: SessionReport) -> Measurement | None:
    """Steps a minute from the drill's first push-off to its last."""
    value = report.distances.cadence_per_min
    error = report.distances.cadence_uncertainty_per_min
    return None if value is None or error is None else (value, error)


def mean_interval(report: SessionReport) -> Measurement | None:
    """Seconds from push-off to push-off, on average."""
    known = cadence(report)
    if known is None:
        return None
    seconds = 60 / known[0]
    return seconds, seconds * known[1] / known[0]


def mean_distance(report: SessionReport) -> Measurement | None:
    """Metres from push-off to push-off, on average, where each was measured."""
    whole, count = report.distances, len(report.distances.phases)
    if whole.total_m is None or whole.total_uncertainty_m is None:
        return None
    return whole.total_m / count, whole.total_uncertainty_m / count


def hop_to_step(report: SessionReport) -> Measurement | None:
    """A mean hop (lands on the same foot) as a part of a mean step, where there are both.

    The shares' own errors are used, in which the calibration's has cancelled; where several
    shares make a sum they are taken as independent, and the larger of the two sums' errors counts.
    """
    by_frame = {
        event.frame: foot for event, foot in zip(report.events, report.sequence.feet, strict=True)
    }
    hops: list[Measurement] = []
    steps: list[Measurement] = []
    for phase in report.distances.phases:
        share, error = phase.share_percent, phase.share_uncertainty_percent
        if share is None or error is None or phase.to_frame is None:
            return None
        feet = by_frame[phase.from_frame], by_frame[phase.to_frame]
        if None in feet:
            return None
        (hops if feet[0] is feet[1] else steps).append((share, error))
    if not hops or not steps:
        return None
    hop, step = (sum(share for share, _ in some) for some in (hops, steps))
    error = max(math.hypot(*(error for _, error in some)) for some in (hops, steps))
    ratio = (hop / len(hops)) / (step / len(steps))
    return ratio, ratio * error * (hop + step) / (hop * step)


_QUANTITIES: tuple[tuple[str, str, Callable[[SessionReport], Measurement | None]], ...] = (
    ("Cadence", "steps a minute", cadence),
    ("Mean interval between push-offs", "s", mean_interval),
    ("Mean distance between push-offs", "m", mean_distance),
    ("Mean hop to mean step", "", hop_to_step),
)
