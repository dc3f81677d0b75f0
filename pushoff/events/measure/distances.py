"""From push-offs to metres, seconds and ratios, each with one standard deviation.

What is not known stays None, with a sentence that says why and what to do about it.
"""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from pushoff.errors import BadInput
from pushoff.events.measure.error_propagation import (
    ROUNDING,
    GroundDistances,
    ground_distances,
    toe_drift_m,
)
from pushoff.events.measure.ground_calibration import Calibration
from pushoff.events.measure.lens import checked_number
from pushoff.events.values import PushOffEvent

_MISSED_AFTER_S = 1.2
"""A longer pause between push-offs probably hides one (docs/domain.md, "Step and contact
times")."""


@dataclass(frozen=True)
class ErrorParts:
    """What one distance's uncertainty is made of, standard deviations in metres."""

    lateral_m: float
    """The athlete beside the calibrated line: a part z / D of the distance (docs/domain.md,
    "Distances from one side camera")."""
    toe_m: float
    frame_m: float
    """The toe moved between the true last contact and the frame found."""
    calibration_m: float


@dataclass(frozen=True)
class Phase:
    """From one push-off to the next, or to the landing. None: not known, for `reason`."""

    name: str
    """`hop`, `step`, `jump`, else `1-2`, `2-3`, ... `3-landing`."""
    from_frame: int
    to_frame: int | None
    """None for the landing."""
    interval_s: float | None = None
    interval_uncertainty_s: float | None = None
    cadence_per_min: float | None = None
    """Steps a minute at this interval."""
    cadence_uncertainty_per_min: float | None = None
    distance_m: float | None = None
    distance_uncertainty_m: float | None = None
    parts: ErrorParts | None = None
    speed_m_s: float | None = None
    """Mean over the phase: distance over interval."""
    speed_uncertainty_m_s: float | None = None
    share_percent: float | None = None
    """Of the total, as hop:step:jump ratios are written (Edwards' 18.29 m: 33, 29, 38)."""
    share_uncertainty_percent: float | None = None
    reason: str | None = None
    """Why there are no metres."""


@dataclass(frozen=True)
class DistanceResult:
    """What the push-offs of one video say in metres and seconds."""

    phases: tuple[Phase, ...]
    total_m: float | None = None
    """Sum of the phases, None unless each was measured."""
    total_uncertainty_m: float | None = None
    cadence_per_min: float | None = None
    """Steps a minute from the first push-off to the last."""
    cadence_uncertainty_per_min: float | None = None
    notes: tuple[str, ...] = ()
    """Whole sentences for the coach: what is missing and why, what was assumed."""

    @property
    def ratio_text(self) -> str | None:
        """`hop:step:jump 35:30:35 %`; None with fewer than two phases or one unmeasured."""
        if any(phase.share_percent is None for phase in self.phases) or len(self.phases) < 2:
            return None
        shares = ":".join(f"{phase.share_percent:.0f}" for phase in self.phases)
        return f"{':'.join(phase.name for phase in self.phases)} {shares} %"


def measure_distances(
    events: Sequence[PushOffEvent],
    *,
    capture_fps: float,
    calibration: Calibration | None = None,
    landing_px: tuple[float, float] | None = None,
    landing_uncertainty_px: float = 4.0,
    time_trusted: bool = True,
    camera_fixed: bool = True,
    broken_after: Collection[int] = (),
) -> DistanceResult:
    """Measure between consecutive push-offs, and to the landing's nearest mark where it is given.

    `capture_fps` is the camera's rate; where that is unknown pass the file's own rate with
    `time_trusted=False`: a slow-motion camera was never slower, so errors are not understated.
    `landing_uncertainty_px`: 4 px are 17 mm at 246 px/m, a shoe's edge in the sand.
    `broken_after`: positions of push-offs after which the video shows too little of what happened:
    nothing is measured from there to the next, nor over the whole.

    Raises BadInput when push-offs are out of order or a number is not one.
    """
    _check(events, capture_fps, landing_px, time_trusted)
    checked_number(landing_uncertainty_px, "landing_uncertainty_px", 0, 1e4)
    ends = [*events[1:], *([None] if landing_px is not None and events else [])]
    steps = list(zip(events, ends, strict=False))
    names = _names(events, landing_px is not None)
    times = [
        _interval(a, b, capture_fps) if time_trusted and b and i not in broken_after else {}
        for i, (a, b) in enumerate(steps)
    ]
    spans, notes, total = [], [], {}
    if not steps:
        notes.append("Fewer than two push-offs: there is nothing to measure between.")
    elif (why := _no_metres(calibration, camera_fixed)) is not None:
        notes.append(why)
        spans = [{"reason": why}] * len(steps)
    else:
        toes = _toes(events, landing_px, landing_uncertainty_px, capture_fps)
        spans, total = _spans(toes[0], ground_distances(*toes, calibration), broken_after)
        notes += [_assumed(calibration)]
        for name, span in zip(names, spans, strict=True):
            if "reason" in span:
                notes.append(f"No metres for {name}: {span['reason']}.")
    if not time_trusted:
        notes.append(
            "No seconds, cadence or speeds: the camera's frame rate is not known. Give the rate it "
            "was filmed at, such as 240/s."
        )
    phases = []
    for i, (start, end) in enumerate(steps):
        frames = {"from_frame": start.frame, "to_frame": end.frame if end else None}
        speed = _speed(**times[i], **spans[i])
        phases.append(Phase(names[i], **frames, **times[i], **spans[i], **speed))
        if (pause := phases[-1].interval_s or 0.0) > _MISSED_AFTER_S:
            notes.append(f"{pause:.2f} s for {names[i]}: a push-off may be missing in between.")
    if time_trusted and len(events) > 1 and not broken_after:
        overall = _interval(events[0], events[-1], capture_fps, len(events) - 1)
        total |= {key: value for key, value in overall.items() if "cadence" in key}
    return DistanceResult(tuple(phases), **total, notes=tuple(notes))


def _check(
    events: Sequence[PushOffEvent],
    capture_fps: float,
    landing_px: tuple[float, float] | None,
    time_trusted: bool,
) -> None:
    checked_number(capture_fps, "capture_fps", 1, 1e5)
    for coordinate in landing_px or ():
        checked_number(coordinate, "landing_px")
    for event in events:
        checked_number(event.toe_uncertainty_px, "toe_uncertainty_px", 0, 1e4)
        checked_number(event.uncertainty_frames, "uncertainty_frames", 0, 1e4)
        checked_number(event.time_s, "time_s")
        for coordinate in event.toe_px or ():
            checked_number(coordinate, "toe_px")
    for a, b in pairwise(events):
        if b.frame <= a.frame or (time_trusted and b.time_s <= a.time_s):
            raise BadInput(
                f"push-offs must be in order: frame {b.frame} ({b.time_s:g} s) follows "
                f"{a.frame} ({a.time_s:g} s)"
            )


def _names(events: Sequence[PushOffEvent], landing: bool) -> list[str]:
    """hop, step, jump where three push-offs and a landing do not contradict it by their feet."""
    feet = [event.foot for event in events]
    if landing and len(events) == 3 and None not in feet and feet[0] == feet[1] != feet[2]:
        return ["hop", "step", "jump"]
    return [f"{i}-{i + 1}" for i in range(1, len(events))] + [f"{len(events)}-landing"] * landing


def _interval(a: PushOffEvent, b: PushOffEvent, capture_fps: float, steps: int = 1) -> dict:
    interval = b.time_s - a.time_s
    frames = (a.uncertainty_frames, b.uncertainty_frames, ROUNDING, ROUNDING)
    error = math.hypot(*frames) / capture_fps
    cadence = 60 * steps / interval
    return {
        "interval_s": interval,
        "interval_uncertainty_s": error,
        "cadence_per_min": cadence,
        "cadence_uncertainty_per_min": cadence * error / interval,
    }


def _speed(
    distance_m: float | None = None,
    distance_uncertainty_m: float | None = None,
    interval_s: float | None = None,
    interval_uncertainty_s: float | None = None,
    **_: object,
) -> dict:
    if distance_m is None or interval_s is None:
        return {}
    speed = distance_m / interval_s
    relative = (distance_uncertainty_m / distance_m, interval_uncertainty_s / interval_s)
    return {"speed_m_s": speed, "speed_uncertainty_m_s": speed * math.hypot(*relative)}


def _no_metres(calibration: Calibration | None, camera_fixed: bool) -> str | None:
    if calibration is None:
        return (
            "No metres: this video has no calibration. Give a calibration file with the pixels per "
            "metre, two points of known distance, or four points of the runway."
        )
    if not camera_fixed:
        return (
            "No metres: the camera moved, and a calibration holds for one view only. Film from a "
            "tripod that stays where it is."
        )
    return None


def _assumed(calibration: Calibration) -> str:
    bent = "" if calibration.setup.lens else " The lens was not corrected; that is not in the ±."
    if calibration.sees_depth:
        missed = calibration.reprojection_px or 0.0
        check = f" Its points miss their fit by {missed:.1f} px: check them."
        doubt = check if missed > 2 * calibration.setup.click_px else ""
        return f"Metres from the runway's points, the toe taken as on the ground.{doubt}{bent}"
    said = "" if calibration.setup.camera_distance_m else " (nobody said, so assumed)"
    return (
        f"Metres hold on the calibrated line; the athlete's line is taken to be within "
        f"{calibration.setup.lateral_offset_m:g} m of it, {calibration.distance_m:.1f} m from the "
        f"camera{said}.{bent}"
    )


def _toes(
    events: Sequence[PushOffEvent],
    landing_px: tuple[float, float] | None,
    landing_uncertainty_px: float,
    capture_fps: float,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Positions, pixel errors and drift of each push-off and the landing, as metres.py takes them.

    The landing is a mark read off after the video: it has no frame's error.
    """
    points = [event.toe_px or (np.nan, np.nan) for event in events]
    errors = [event.toe_uncertainty_px for event in events]
    frames = np.array([math.hypot(event.uncertainty_frames, ROUNDING) for event in events])
    drift = toe_drift_m(frames, capture_fps)
    if landing_px is not None:
        points, errors = [*points, landing_px], [*errors, landing_uncertainty_px]
        drift = np.vstack([drift, [0, 0]])
    return np.array(points, float), np.hypot(errors, ROUNDING), drift


def _spans(
    toes_px: np.ndarray, lengths: GroundDistances, broken_after: Collection[int]
) -> tuple[list[dict], dict]:
    """The metre fields of each phase, and of the whole."""
    parts, spans = lengths.parts_m(), []
    for i, (length, error) in enumerate(zip(lengths.lengths_m, lengths.errors_m(), strict=True)):
        if i in broken_after:
            spans.append({"reason": "the video does not show what happened in between"})
        elif np.isnan(toes_px[i : i + 2]).any():
            spans.append(
                {"reason": "the toe was not found at one of its ends, or others contradict it"}
            )
        elif not np.isfinite(error):
            spans.append({"reason": "a toe lies outside the ground the calibration can see"})
        elif error >= length:
            spans.append({"reason": f"{length:.2f} m would be uncertain by {error:.2f} m"})
        else:
            part = ErrorParts(**{name: float(values[i]) for name, values in parts.items()})
            spans.append(
                {"distance_m": float(length), "distance_uncertainty_m": float(error), "parts": part}
            )
    if any("reason" in span for span in spans):
        return spans, {}
    for span, share, error in zip(spans, *lengths.shares(), strict=True):
        span["share_percent"] = 100 * float(share)
        span["share_uncertainty_percent"] = 100 * float(error)
    total, error = lengths.total_m()
    return spans, {"total_m": total, "total_uncertainty_m": error}
