"""Two sessions of an athlete, push-off beside push-off, and what differs by more than error."""

import math
from dataclasses import dataclass

from pushoff.events.measure.distances import Phase
from pushoff.events.report import SessionReport
from pushoff.events.values import Foot

CLEAR_SIGMAS = 2.0
"""A difference so many standard deviations from zero is told: by error alone it would come up once
in twenty."""


@dataclass(frozen=True)
class Difference:
    """One quantity in both sessions. Uncertainties are one standard deviation; None: not known."""

    a: float | None
    a_uncertainty: float | None
    b: float | None
    b_uncertainty: float | None

    @property
    def value(self) -> float | None:
        """b less a."""
        return None if self.a is None or self.b is None else self.b - self.a

    @property
    def uncertainty(self) -> float | None:
        """Of the difference, the two errors taken as independent.

        What both videos share, such as one calibration, makes it smaller in truth, never larger.
        """
        if self.value is None or self.a_uncertainty is None or self.b_uncertainty is None:
            return None
        return math.hypot(self.a_uncertainty, self.b_uncertainty)

    @property
    def clear(self) -> bool:
        """Whether it could be told from the errors."""
        sigma = self.uncertainty
        return self.value is not None and sigma is not None and self._beyond(sigma)

    def _beyond(self, sigma: float) -> bool:
        return self.value != 0 and abs(self.value) >= CLEAR_SIGMAS * sigma


@dataclass(frozen=True)
class PushOffPair:
    """Push-off `number` of both drills, counted from one; None where a session has fewer."""

    number: int
    frame_a: int | None
    frame_b: int | None
    foot_a: Foot | None
    foot_b: Foot | None
    interval_s: Difference
    """To the next push-off."""
    distance_m: Difference

    @property
    def both(self) -> bool:
        """Whether both sessions have it, so that they can be aligned on it."""
        return self.frame_a is not None and self.frame_b is not None

    @property
    def same_foot(self) -> bool | None:
        """None where a foot is not known."""
        if self.foot_a is None or self.foot_b is None:
            return None
        return self.foot_a is self.foot_b


@dataclass(frozen=True)
class Comparison:
    """Everything about two reports."""

    pairs: tuple[PushOffPair, ...]
    cadence_per_min: Difference
    total_m: Difference

    @property
    def aligned(self) -> tuple[PushOffPair, ...]:
        """Those both sessions have."""
        return tuple(pair for pair in self.pairs if pair.both)


def compare(a: SessionReport, b: SessionReport) -> Comparison:
    """Push-off k of one beside push-off k of the other; running steps are left out."""
    count = max(len(a.sequence.drill), len(b.sequence.drill))
    one, other = a.distances, b.distances
    return Comparison(
        tuple(_pair(a, b, k) for k in range(count)),
        Difference(
            one.cadence_per_min,
            one.cadence_uncertainty_per_min,
            other.cadence_per_min,
            other.cadence_uncertainty_per_min,
        ),
        Difference(one.total_m, one.total_uncertainty_m, other.total_m, other.total_uncertainty_m),
    )


def _pair(a: SessionReport, b: SessionReport, k: int) -> PushOffPair:
    frame_a, foot_a, from_a = _place(a, k)
    frame_b, foot_b, from_b = _place(b, k)
    return PushOffPair(
        k + 1,
        frame_a,
        frame_b,
        foot_a,
        foot_b,
        Difference(*_seconds(from_a), *_seconds(from_b)),
        Difference(*_metres(from_a), *_metres(from_b)),
    )


def _place(report: SessionReport, k: int) -> tuple[int | None, Foot | None, Phase | None]:
    """Frame and foot of the drill's push-off, and what comes after it."""
    drill = report.sequence.drill
    if k >= len(drill):
        return None, None, None
    event = report.events[drill[k]]
    return event.frame, report.sequence.feet[drill[k]], report.after(event)


def _seconds(phase: Phase | None) -> tuple[float | None, float | None]:
    return (phase.interval_s, phase.interval_uncertainty_s) if phase else (None, None)


def _metres(phase: Phase | None) -> tuple[float | None, float | None]:
    return (phase.distance_m, phase.distance_uncertainty_m) if phase else (None, None)
