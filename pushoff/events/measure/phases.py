"""Intervals and distances between push-offs: the values that `measure_distances` returns."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ErrorParts:
    """The causes of one distance's uncertainty, standard deviations in metres."""

    lateral_m: float
    """The athlete is beside the calibrated line: z / D of the distance (docs/domain.md,
    "Distances from one side camera")."""
    toe_m: float
    """The toe's position in the picture."""
    frame_m: float
    """The toe moved between the true last contact and the detected frame."""
    calibration_m: float
    """The points or the scale of the calibration."""


@dataclass(frozen=True)
class Phase:
    """From one push-off to the next, or to the landing. None: unknown, for `reason`."""

    name: str
    """`hop`, `step`, `jump`, else `1-2`, `2-3`, ... `3-landing`."""
    from_frame: int
    to_frame: int | None
    """None for the landing."""
    interval_s: float | None = None
    interval_uncertainty_s: float | None = None
    cadence_per_min: float | None = None
    """Steps per minute at this interval."""
    cadence_uncertainty_per_min: float | None = None
    distance_m: float | None = None
    distance_uncertainty_m: float | None = None
    parts: ErrorParts | None = None
    """Of `distance_uncertainty_m`."""
    speed_m_s: float | None = None
    """Mean over the phase: distance over interval."""
    speed_uncertainty_m_s: float | None = None
    share_percent: float | None = None
    """Of the total, as hop:step:jump ratios are written (docs/domain.md, "Phase ratios")."""
    share_uncertainty_percent: float | None = None
    reason: str | None = None
    """Why there is no distance."""

    @property
    def span_text(self) -> str:
        """`from push-off 1 to 2`, `from push-off 3 to landing`, `for the hop`."""
        start, _, stop = self.name.partition("-")
        return f"from push-off {start} to {stop}" if stop else f"for the {self.name}"


@dataclass(frozen=True)
class DistanceResult:
    """The intervals and distances of one video."""

    phases: tuple[Phase, ...]
    total_m: float | None = None
    """Sum of the phases, None unless each was measured."""
    total_uncertainty_m: float | None = None
    cadence_per_min: float | None = None
    """Steps per minute from the first push-off to the last."""
    cadence_uncertainty_per_min: float | None = None
    notes: tuple[str, ...] = ()
    """Whole sentences for the coach: what is missing and why, what was assumed."""

    @property
    def ratio_text(self) -> str | None:
        """`1 to 2 45 %, 2 to 3 55 %`; None with fewer than two phases or one unmeasured."""
        if any(phase.share_percent is None for phase in self.phases) or len(self.phases) < 2:
            return None
        return ", ".join(
            f"{phase.name.replace('-', ' to ')} {phase.share_percent:.0f} %"
            for phase in self.phases
        )
