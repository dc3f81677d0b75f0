"""Whether a calibration makes sense, by what it says of the athlete; and its grid of metres."""

import math

import numpy as np

from pushoff.events.measure.ground_calibration import Calibration
from pushoff.events.report import SessionReport

_ATHLETE_SHARE = 0.7
"""Of the height of an athlete's box, running (`AthleteTrack.boxes`)."""
_HEIGHT_M = (1.0, 2.6)
"""Of a person, by a box that is a quarter off; children too."""
_MAX_DISTANCE_M = 9.0
"""Between two push-offs; a phase of the longest triple jumps is 7 m."""
_MAX_SPEED_M_S = 13.0
"""The fastest sprinters reach 12.4 m/s."""
_MAX_LINES = 80
_GRID_SAMPLES = 33
"""Points of a line of the grid, which a lens may bend."""
_BEYOND_M = 20
"""How far the grid goes on along the runway."""
_TICK_SHARE = 0.03
"""Half the length of a metre mark, of the picture's height."""


def athlete_height_m(
    calibration: Calibration, feet_px: np.ndarray, box_heights_px: np.ndarray
) -> float | None:
    """How tall the athlete is by this calibration; None where no foot is on the ground.

    `feet_px`: (N, 2) video pixels of feet on the ground, `box_heights_px`: (N,) of the boxes in the
    same frames. Exact to about a quarter: enough to find exchanged points or a wrong unit.
    """
    half = np.array([0.5, 0.0])
    steps = calibration.to_ground(feet_px + half) - calibration.to_ground(feet_px - half)
    heights = _ATHLETE_SHARE * box_heights_px * np.hypot(*steps.T)
    heights = heights[np.isfinite(heights)]
    return float(np.median(heights)) if len(heights) else None


def question(report: SessionReport, height_m: float | None) -> str | None:
    """What is implausible in a report with a new calibration, as a sentence; None: nothing."""
    phases = report.distances.phases
    longest_m = max((phase.distance_m or 0.0 for phase in phases), default=0.0)
    fastest = max((phase.speed_m_s or 0.0 for phase in phases), default=0.0)
    if longest_m > _MAX_DISTANCE_M:
        return f"By these points push-offs are {longest_m:.3g} m apart, more than anybody jumps."
    if fastest > _MAX_SPEED_M_S:
        return f"By these points the athlete moves at {fastest:.3g} m/s, faster than any sprinter."
    if height_m is not None and not _HEIGHT_M[0] <= height_m <= _HEIGHT_M[1]:
        return f"By these points the athlete is about {height_m:.1f} m tall."
    return None


def metre_grid(
    calibration: Calibration, width_px: int, height_px: int
) -> list[list[tuple[float, float]]]:
    """Lines one metre apart to draw on the picture, each a list of (x, y) video pixels.

    Four points on the ground give a grid along and across the runway; two points, and a scale, a
    mark at each metre of the line. Lines that miss the picture are left out; of a scale so small
    that there are more than 80, the first 80 are given.
    """
    if calibration.has_depth:
        lines = _ground_lines(calibration)
    else:
        lines = _marks(calibration, width_px, height_px)
    shown = []
    for line in lines:
        inside = (line >= 0).all(1) & (line <= [width_px, height_px]).all(1)
        if inside.any():
            shown.append([(round(float(x), 1), round(float(y), 1)) for x, y in line])
    return shown[:_MAX_LINES]


def _ground_lines(calibration: Calibration) -> list[np.ndarray]:
    corners = calibration.to_ground(calibration.points_px)
    low, high = np.floor(corners.min(0)), np.ceil(corners.max(0))
    high = np.minimum(high, low + _MAX_LINES)
    start, stop = low[0] - _BEYOND_M, high[0] + _BEYOND_M
    ends = [((start, across), (stop, across)) for across in np.arange(low[1], high[1] + 1)]
    ends += [((along, low[1]), (along, high[1])) for along in np.arange(start, stop + 1)]
    return [_line(calibration, np.array(first), np.array(last)) for first, last in ends]


def _line(calibration: Calibration, first_m: np.ndarray, last_m: np.ndarray) -> np.ndarray:
    """(K, 2) video pixels of a line on the ground, as far as it lies before the camera."""
    shares = np.linspace(0, 1, _GRID_SAMPLES)[:, None]
    ground = np.c_[first_m + shares * (last_m - first_m), np.ones(len(shares))]
    homogeneous = ground @ calibration.ground_to_px.T
    homogeneous = homogeneous[homogeneous[:, 2] > 1e-9 * np.abs(homogeneous[:, 2]).max()]
    return _as_filmed(calibration, homogeneous[:, :2] / homogeneous[:, 2:])


def _marks(calibration: Calibration, width_px: int, height_px: int) -> list[np.ndarray]:
    scale = float(calibration.ground_to_px[0, 0])
    points = calibration.points_px
    if len(points) < 2:
        points = np.array([[0.0, 0.8 * height_px], [width_px, 0.8 * height_px]])
    elif calibration.setup.lens:
        points = calibration.setup.lens.undistort(points)
    first, direction = points[0], points[1] - points[0]
    direction = direction / np.hypot(*direction)
    tick = _TICK_SHARE * height_px * np.array([-direction[1], direction[0]])
    reach = min(math.ceil(math.hypot(width_px, height_px) / scale), _MAX_LINES)
    marks = [first + metre * scale * direction for metre in range(-reach, reach + 1)]
    lines = [np.array([mark - tick, mark + tick]) for mark in marks]
    return [_as_filmed(calibration, line) for line in lines]


def _as_filmed(calibration: Calibration, points_px: np.ndarray) -> np.ndarray:
    lens = calibration.setup.lens
    return lens.distort(points_px) if lens else points_px
