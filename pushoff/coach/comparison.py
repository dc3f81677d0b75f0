"""Compare two sessions of an athlete, push-off by push-off, with uncertainties."""

import math
from dataclasses import dataclass

from pushoff.events.measure.phases import Phase
from pushoff.events.report import SessionReport
from pushoff.events.values import Foot

CLEAR_SIGMAS = 2.0
"""A difference of at least this many standard deviations is shown. Measurement error alone exceeds
it once in twenty times."""


@dataclass(frozen=True)
class Difference:
    """One quantity in both sessions. Uncertainties are one standard deviation; None: unknown."""

    a: float | None
    a_uncertainty: float | None
    b: float | None
    b_uncertainty: float | None

    @property
    def value(self) -> float | None:
        """b - a."""
        return None if self.a is None or self.b is None else self.b - self.a

    @property
    def uncertainty(self) -> float | None:
        """Standard deviation of the difference, if the two errors are independent.

        Errors that both videos share, such as one calibration, make the true value smaller.
        """
        if self.value is None or self.a_uncertainty is None or self.b_uncertainty is None:
            return None
        return math.hypot(self.a_uncertainty, self.b_uncertainty)

    @property
    def clear(self) -> bool:
        """Whether the difference is larger than measurement error (`CLEAR_SIGMAS`)."""
        value, sigma = self.value, self.uncertainty
        if value is None or sigma is None:
            return False
        return value != 0 and abs(value) >= CLEAR_SIGMAS * sigma


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
        """Whether both sessions have this push-off, so that they can be aligned on it."""
        return self.frame_a is not None and self.frame_b is not None

    @property
    def same_foot(self) -> bool | None:
        """None if a foot is unknown."""
        if self.foot_a is None or self.foot_b is None:
            return None
        return self.foot_a is self.foot_b


@dataclass(frozen=True)
class Comparison:
    """The comparison of two reports."""

    pairs: tuple[PushOffPair, ...]
    cadence_per_min: Difference
    total_m: Difference

    @property
    def aligned(self) -> tuple[PushOffPair, ...]:
        """The pairs that both sessions have."""
        return tuple(pair for pair in self.pairs if pair.both)


def compare(a: SessionReport, b: SessionReport) -> Comparison:
    """Pair push-off k of one drill with push-off k of the other; running steps are left out.

    Of a video that shows a run and no drill the steps are paired.
    """
    count = max(len(a.sequence.measured), len(b.sequence.measured))
    return Comparison(
        tuple(_pair(a, b, k) for k in range(count)),
        Difference(
            a.distances.cadence_per_min,
            a.distances.cadence_uncertainty_per_min,
            b.distances.cadence_per_min,
            b.distances.cadence_uncertainty_per_min,
        ),
        Difference(
            a.distances.total_m,
            a.distances.total_uncertainty_m,
            b.distances.total_m,
            b.distances.total_uncertainty_m,
        ),
    )


def _pair(a: SessionReport, b: SessionReport, k: int) -> PushOffPair:
    frame_a, foot_a, phase_a = _push_off(a, k)
    frame_b, foot_b, phase_b = _push_off(b, k)
    return PushOffPair(
        k + 1,
        frame_a,
        frame_b,
        foot_a,
        foot_b,
        Difference(*_interval_s(phase_a), *_interval_s(phase_b)),
        Difference(*_distance_m(phase_a), *_distance_m(phase_b)),
    )


def _push_off(report: SessionReport, k: int) -> tuple[int | None, Foot | None, Phase | None]:
    """Frame and foot of measured push-off k, and the phase that follows it."""
    measured = report.sequence.measured
    if k >= len(measured):
        return None, None, None
    event = report.events[measured[k]]
    return event.frame, report.sequence.feet[measured[k]], report.phase_after(event)


def _interval_s(phase: Phase | None) -> tuple[float | None, float | None]:
    return (phase.interval_s, phase.interval_uncertainty_s) if phase else (None, None)


def _distance_m(phase: Phase | None) -> tuple[float | None, float | None]:
    return (phase.distance_m, phase.distance_uncertainty_m) if phase else (None, None)
