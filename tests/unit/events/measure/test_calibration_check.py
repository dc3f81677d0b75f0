"""Whether a calibration makes sense, and the metres that are drawn on the picture."""

from dataclasses import replace

import numpy as np
import pytest

from pushoff.events.measure.calibration_check import athlete_height_m, metre_grid, question
from pushoff.events.measure.ground_calibration import (
    CameraSetup,
    from_ground_points,
    from_scale,
    from_two_points,
)
from tests.unit.events.measure.test_ground_calibration import seen
from tests.unit.events.test_report import TRIPLE, video_report

WIDTH, HEIGHT = 2704, 1520
FEET = np.array([[600.0, 1200.0], [1400.0, 1200.0]])


def test_the_athlete_is_as_tall_as_the_scale_says():
    """A box of 500 px at 200 px/m holds somebody of 1.75 m."""
    boxes = np.full(2, 500.0)
    assert athlete_height_m(from_scale(200), FEET, boxes) == pytest.approx(1.75)
    assert athlete_height_m(from_scale(2), FEET, boxes) == pytest.approx(175)
    assert athlete_height_m(from_scale(200), np.zeros((0, 2)), np.zeros(0)) is None


def test_exchanged_points_make_the_athlete_small():
    """A rectangle whose length and width are exchanged gives another height than the right one."""
    rectangle = [[-2.5, -0.6], [2.5, -0.6], [2.5, 0.6], [-2.5, 0.6]]
    right = from_ground_points(seen(rectangle), rectangle)
    exchanged = from_ground_points(seen(rectangle), [[0, 0], [1.2, 0], [1.2, 5], [0, 5]])
    feet, boxes = seen([[0.0, 0.0]]), np.array([500.0])
    heights = [athlete_height_m(one, feet, boxes) for one in (right, exchanged)]
    assert heights[0] / heights[1] > 2


@pytest.mark.parametrize(
    ("factor", "height_m", "asked"),
    [
        (1, 1.75, False),
        (1, 1.1, False),
        (1, None, False),
        (1, 0.9, True),
        (1, 2.7, True),
        (100, 1.75, True),
    ],
)
def test_only_what_cannot_be_is_asked_about(factor, height_m, asked):
    """A child's height passes; 0.9 m, and hops of a hundred metres, do not."""
    report = video_report(TRIPLE, calibrated=True)
    phases = tuple(
        replace(phase, distance_m=factor * phase.distance_m)
        for phase in report.distances.phases
        if phase.distance_m is not None
    )
    assert phases
    tried = replace(report, distances=replace(report.distances, phases=phases))
    assert (question(tried, height_m) is not None) == asked


def test_two_points_give_a_mark_at_every_metre_of_their_line():
    """The points themselves are on marks; the line may slope."""
    first, last = (500.0, 1000.0), (1300.0, 1060.0)
    calibration = from_two_points([first, last], 4, CameraSetup(width_px=WIDTH, height_px=HEIGHT))
    middles = np.array([np.mean(line, axis=0) for line in metre_grid(calibration, WIDTH, HEIGHT)])
    for point in (first, last):
        assert np.hypot(*(middles - point).T).min() < 0.2
    steps = np.hypot(*np.diff(middles, axis=0).T)
    assert steps == pytest.approx(np.full(len(steps), np.hypot(800, 60) / 4), abs=0.3)


def test_ground_points_give_lines_through_the_points():
    """Each corner of whole metres lies on a line; all coordinates are finite."""
    corners = [[0, 0], [4, 0], [4, 2], [0, 2]]
    pixels = seen(corners)
    width, height = np.ceil(np.abs(pixels).max(0) * 1.5).astype(int)
    grid = metre_grid(from_ground_points(pixels, corners), int(width), int(height))
    points = np.array([point for line in grid for point in line])
    assert np.isfinite(points).all()
    for corner in pixels:
        distances = [_distance(corner, np.array(line)) for line in grid]
        assert min(distances) < 1


def test_a_wrong_unit_gives_few_lines():
    """However many metres fit into the picture."""
    assert len(metre_grid(from_scale(1), WIDTH, HEIGHT)) <= 80
    assert metre_grid(from_scale(1e5), WIDTH, HEIGHT) != []


def _distance(point: np.ndarray, line: np.ndarray) -> float:
    """From a point to the nearest segment of a polyline, pixels."""
    starts, steps = line[:-1], np.diff(line, axis=0)
    shares = ((point - starts) * steps).sum(1) / np.maximum((steps**2).sum(1), 1e-12)
    nearest = starts + np.clip(shares, 0, 1)[:, None] * steps
    return float(np.hypot(*(nearest - point).T).min())
