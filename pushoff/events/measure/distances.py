"""Intervals, distances, speeds and ratios between push-offs, each with one standard deviation.

What is unknown is None, with a sentence that says why and what to do.
"""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
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
from pushoff.events.measure.phases import DistanceResult, ErrorParts, Phase
from pushoff.events.values import PushOffEvent

_LONG_INTERVAL_S = 1.2
"""A longer interval probably hides a push-off (docs/domain.md, "Step and contact times")."""


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

    `capture_fps` is the camera's rate; where it is unknown pass the file's own rate with
    `time_trusted=False`: a slow-motion camera was never slower, so errors are not understated.
    `landing_uncertainty_px`: 4 px are 17 mm at 246 px/m, a shoe's edge in the sand.
    `broken_after`: indices of push-offs after which the video shows too little: nothing is measured
    from there to the next, nor over the whole.

    Raises BadInput when push-offs are out of order or a number is out of range.
    """
    _check(events, capture_fps, landing_px, time_trusted)
    checked_number(landing_uncertainty_px, "landing_uncertainty_px", 0, 1e4)
    phases = _phases(events, landing_px is not None)
    if time_trusted:
        phases = _with_intervals(phases, events, capture_fps, broken_after)
    reason = _no_distances_reason(phases, calibration, camera_fixed)
    notes = [] if reason is None else [reason]
    total_m = total_uncertainty_m = None
    if reason is not None:
        phases = [replace(phase, reason=reason) for phase in phases]
    elif calibration is not None:
        toes = _toes(events, landing_px, landing_uncertainty_px, capture_fps)
        distances = ground_distances(*toes, calibration)
        phases = _with_distances(phases, toes[0], distances, broken_after)
        notes.append(_assumptions(calibration))
        notes += [f"No distance {p.span_text}: {p.reason}." for p in phases if p.reason is not None]
        if all(phase.reason is None for phase in phases):
            phases = _with_shares(phases, distances)
            total_m, total_uncertainty_m = distances.total_m()
    if not time_trusted:
        notes.append(
            "No times, cadence or speeds: the camera's frame rate is unknown. Enter the camera's "
            "frame rate, for example 240 frames/s."
        )
    notes += _long_interval_notes(phases)
    overall = None
    if time_trusted and len(events) > 1 and not broken_after:
        overall = _interval(events[0], events[-1], capture_fps, steps=len(events) - 1)
    return DistanceResult(
        tuple(phases),
        total_m=total_m,
        total_uncertainty_m=total_uncertainty_m,
        cadence_per_min=overall.cadence_per_min if overall else None,
        cadence_uncertainty_per_min=overall.cadence_uncertainty_per_min if overall else None,
        notes=tuple(notes),
    )


_NOTHING_TO_MEASURE = "Fewer than two push-offs: there is nothing to measure between."
_NO_CALIBRATION = "No distances: this video has no calibration. Use Calibrate on this frame."
_CAMERA_MOVED = (
    "The camera moved. A calibration applies only to a fixed camera, so distances cannot be "
    "measured. Use a tripod."
)


def _no_distances_reason(
    phases: Sequence[Phase], calibration: Calibration | None, camera_fixed: bool
) -> str | None:
    if not phases:
        return _NOTHING_TO_MEASURE
    if not camera_fixed:
        return _CAMERA_MOVED
    return _NO_CALIBRATION if calibration is None else None


def _long_interval_notes(phases: Sequence[Phase]) -> list[str]:
    return [
        f"{phase.interval_s:.2f} s {phase.span_text}: a push-off may have been missed."
        for phase in phases
        if phase.interval_s is not None and phase.interval_s > _LONG_INTERVAL_S
    ]


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
    for before, after in pairwise(events):
        if after.frame <= before.frame or (time_trusted and after.time_s <= before.time_s):
            raise BadInput(
                f"push-offs must be in order: frame {after.frame} ({after.time_s:g} s) follows "
                f"{before.frame} ({before.time_s:g} s)",
                code="unsorted_events",
            )


def _phases(events: Sequence[PushOffEvent], landing: bool) -> list[Phase]:
    """The phases by name and frames, nothing measured yet."""
    to_frames: list[int | None] = [event.frame for event in events[1:]]
    if landing and events:
        to_frames.append(None)
    return [
        Phase(name, start.frame, to_frame)
        for name, start, to_frame in zip(_names(events, landing), events, to_frames, strict=False)
    ]


def _names(events: Sequence[PushOffEvent], landing: bool) -> list[str]:
    """hop, step, jump where three push-offs and a landing do not contradict it by their feet."""
    feet = [event.foot for event in events]
    if landing and len(events) == 3 and None not in feet and feet[0] == feet[1] != feet[2]:
        return ["hop", "step", "jump"]
    return [f"{i}-{i + 1}" for i in range(1, len(events))] + [f"{len(events)}-landing"] * landing


@dataclass(frozen=True)
class _Interval:
    interval_s: float
    interval_uncertainty_s: float
    cadence_per_min: float
    cadence_uncertainty_per_min: float


def _interval(
    before: PushOffEvent, after: PushOffEvent, capture_fps: float, steps: int = 1
) -> _Interval:
    interval_s = after.time_s - before.time_s
    frames = (before.uncertainty_frames, after.uncertainty_frames, ROUNDING, ROUNDING)
    error_s = math.hypot(*frames) / capture_fps
    cadence = 60 * steps / interval_s
    return _Interval(interval_s, error_s, cadence, cadence * error_s / interval_s)


def _with_intervals(
    phases: Sequence[Phase],
    events: Sequence[PushOffEvent],
    capture_fps: float,
    broken_after: Collection[int],
) -> list[Phase]:
    """The phases with interval and cadence; the landing and broken phases have none."""
    timed = list(phases)
    for i, (before, after) in enumerate(pairwise(events)):
        if i in broken_after:
            continue
        interval = _interval(before, after, capture_fps)
        timed[i] = replace(
            phases[i],
            interval_s=interval.interval_s,
            interval_uncertainty_s=interval.interval_uncertainty_s,
            cadence_per_min=interval.cadence_per_min,
            cadence_uncertainty_per_min=interval.cadence_uncertainty_per_min,
        )
    return timed


def _with_distances(
    phases: Sequence[Phase],
    toes_px: np.ndarray,
    distances: GroundDistances,
    broken_after: Collection[int],
) -> list[Phase]:
    """The phases with distance and speed, or the reason why there is none."""
    measured = []
    parts_m = distances.parts_m()
    lengths = zip(phases, distances.lengths_m, distances.errors_m(), strict=True)
    for i, (phase, length_m, error_m) in enumerate(lengths):
        if i in broken_after:
            reason = "the video does not show what happened in between"
        elif np.isnan(toes_px[i : i + 2]).any():
            reason = "a toe was not located, or its position is inconsistent with the others"
        elif not np.isfinite(error_m):
            reason = "a toe lies outside the ground that the calibration covers"
        elif error_m >= length_m:
            reason = (
                f"its uncertainty ({error_m:.2f} m) is larger than the distance ({length_m:.2f} m)"
            )
        else:
            parts = ErrorParts(
                lateral_m=float(parts_m["lateral_m"][i]),
                toe_m=float(parts_m["toe_m"][i]),
                frame_m=float(parts_m["frame_m"][i]),
                calibration_m=float(parts_m["calibration_m"][i]),
            )
            measured.append(_with_distance(phase, float(length_m), float(error_m), parts))
            continue
        measured.append(replace(phase, reason=reason))
    return measured


def _with_distance(phase: Phase, length_m: float, error_m: float, parts: ErrorParts) -> Phase:
    speed_m_s = speed_error_m_s = None
    if phase.interval_s is not None and phase.interval_uncertainty_s is not None:
        speed_m_s = length_m / phase.interval_s
        relative = (error_m / length_m, phase.interval_uncertainty_s / phase.interval_s)
        speed_error_m_s = speed_m_s * math.hypot(*relative)
    return replace(
        phase,
        distance_m=length_m,
        distance_uncertainty_m=error_m,
        parts=parts,
        speed_m_s=speed_m_s,
        speed_uncertainty_m_s=speed_error_m_s,
    )


def _with_shares(phases: Sequence[Phase], distances: GroundDistances) -> list[Phase]:
    return [
        replace(
            phase, share_percent=100 * float(share), share_uncertainty_percent=100 * float(error)
        )
        for phase, share, error in zip(phases, *distances.shares(), strict=True)
    ]


def _assumptions(calibration: Calibration) -> str:
    """What the distances assume, one or two sentences."""
    setup = calibration.setup
    lens = (
        ""
        if setup.lens
        else " Lens distortion is not corrected and is not included in the ± values."
    )
    if calibration.has_depth:
        misfit_px = calibration.reprojection_px or 0.0
        hint = (
            f" The calibration points do not fit together (error {misfit_px:.1f} px). Check them."
        )
        warning = hint if misfit_px > 2 * setup.click_px else ""
        toe = "They assume that the toe is on the ground."
        return f"Distances are calculated from the runway points. {toe}{warning}{lens}"
    assumed = "" if setup.camera_distance_m else " (assumed)"
    return (
        f"Distances are along the calibrated line; the athlete is assumed to be within "
        f"{setup.lateral_offset_m:g} m of it, {calibration.distance_m:.1f} m from the "
        f"camera{assumed}.{lens}"
    )


def _toes(
    events: Sequence[PushOffEvent],
    landing_px: tuple[float, float] | None,
    landing_uncertainty_px: float,
    capture_fps: float,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Position, pixel error and drift of each toe and the landing, for `ground_distances`.

    The landing is a mark read off after the video: it has no frame error.
    """
    points = [event.toe_px or (np.nan, np.nan) for event in events]
    errors_px = [event.toe_uncertainty_px for event in events]
    frames = np.array([math.hypot(event.uncertainty_frames, ROUNDING) for event in events])
    drift_m = toe_drift_m(frames, capture_fps)
    if landing_px is not None:
        points, errors_px = [*points, landing_px], [*errors_px, landing_uncertainty_px]
        drift_m = np.vstack([drift_m, [0, 0]])
    return np.array(points, float), np.hypot(errors_px, ROUNDING), drift_m
