"""Which foot pushed off, from landmarks alone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pushoff.errors import BadInput
from pushoff.events.foot_evidence import foot_cues, left_probability, near_log_odds
from pushoff.events.values import Direction

SWAPPED = [0, 4, 5, 6, 1, 2, 3, 8, 7, *(i + 1 if i % 2 else i - 1 for i in range(9, 33))]
"""Each landmark's other side."""
WIDTH_PX, STEP_S = 1280.0, 0.3
few = settings(max_examples=15, deadline=None)
runs = given(
    feet=st.text("LR", min_size=1, max_size=5),
    rate=st.sampled_from([30.0, 59.94, 240.0]),
    direction=st.sampled_from(Direction),
    bias=st.floats(-0.1, 0.1),
)


def runner(feet, rate=60.0, direction=Direction.RIGHT, bias=0.0, height_px=200.0):
    """(landmarks, times, push-off frames) of legs and arms that swing, `bias` body heights of which
    the pose model gets wrong in every frame."""
    times = np.arange(round((len(feet) + 2) * STEP_S * rate)) / rate
    sign = 1 if direction is Direction.RIGHT else -1
    ups = [(number + 1.5) * STEP_S for number in range(len(feet))]
    back = np.zeros(len(times))  # of the left leg, against the right one
    for up, foot in zip(ups, feet, strict=True):
        swing = np.cos(np.pi * (times - up) / STEP_S) * (np.abs(times - up) <= STEP_S / 2)
        back += np.maximum(swing, 0) * (1 if foot == "L" else -1)
    points = np.full((len(times), 33, 3), 0.5)
    points[..., 0] = 300 + sign * 500 * times[:, None]
    points[..., 1] = 400 - 0.55 * height_px
    points[:, (25, 26), 1] += 0.245 * height_px
    points[:, 27:33, 1] += 0.491 * height_px
    for landmarks, side in (((27, 29, 31), 1), ((28, 30, 32), -1)):
        points[:, landmarks, 0] -= (side * sign * 0.2 * (back + bias) * height_px)[:, None]
        points[:, landmarks, 1] += (side * 0.05 * (back + bias) * height_px)[:, None]
    for landmarks, side in (((13, 15), 1), ((14, 16), -1)):
        points[:, landmarks, 0] += (side * sign * 0.1 * (back + bias) * height_px)[:, None]
    return points, times, np.array([np.abs(times - up).argmin() for up in ups])


def lefts(points, times, frames, direction):
    return near_log_odds(points, times, frames, direction) * (
        1 if direction is Direction.LEFT else -1
    )


@few
@runs
def test_the_foot_that_is_behind_and_below_pushed_off(feet, rate, direction, bias):
    """In any order, at any rate, both ways, also where one leg always looks a bit further back."""
    found = lefts(*runner(feet, rate, direction, bias), direction)
    assert "".join("L" if left > 0 else "R" for left in found) == feet


@few
@runs
def test_a_mirror_swaps_the_feet_and_nothing_else(feet, rate, direction, bias):
    """Near stays near: the same distances, so the other foot with the same probability."""
    points, times, frames = runner(feet, rate, direction, bias)
    mirrored = points[:, SWAPPED].copy()
    mirrored[..., 0] = WIDTH_PX - mirrored[..., 0]
    other = next(way for way in Direction if way is not direction)
    seen = near_log_odds(points, times, frames, direction)
    assert near_log_odds(mirrored, times, frames, other) == pytest.approx(seen)
    for odds in seen:
        p = 1 / (1 + np.exp(-odds))
        assert left_probability(p, direction) == pytest.approx(1 - left_probability(p, other))


@few
@runs
def test_legs_that_change_places_change_the_sign_alone(feet, rate, direction, bias):
    """No foot is the usual one: swapped names give the opposite odds."""
    points, times, frames = runner(feet, rate, direction, bias)
    seen = near_log_odds(points, times, frames, direction)
    assert near_log_odds(points[:, SWAPPED], times, frames, direction) == pytest.approx(-seen)


@few
@given(feet=st.text("LR", min_size=3, max_size=5), number=st.integers(1, 3))
def test_order_tells_nothing(feet, number):
    """A push-off has the same odds when those before it were not found."""
    points, times, frames = runner(feet)
    seen = near_log_odds(points, times, frames, Direction.RIGHT)
    later = near_log_odds(points, times, frames[number:], Direction.RIGHT)
    assert later == pytest.approx(seen[number:])


def test_size_and_place_do_not_matter():
    """Distances are in body heights."""
    points, times, frames = runner("LRR")
    seen = near_log_odds(points, times, frames, Direction.RIGHT)
    moved = 3 * points + 1000
    assert near_log_odds(moved, times, frames, Direction.RIGHT) == pytest.approx(seen)


def test_nobody_says_nothing():
    """Without a body, or without one around the push-off, the odds are even."""
    points, times, frames = runner("LR")
    nobody = np.full_like(points, np.nan)
    assert near_log_odds(nobody, times, frames, Direction.RIGHT).tolist() == [0, 0]
    points[np.abs(times - times[frames[0]]) < 0.12] = np.nan
    first, second = near_log_odds(points, times, frames, Direction.RIGHT)
    assert first == 0 and second > 0
    assert foot_cues(points[..., :2], times, frames[:0], Direction.RIGHT).shape == (0, 3)


def test_without_a_direction_the_foot_is_unknown():
    """Near and far leg give left and right only where the direction of travel is known."""
    assert left_probability(0.9, None) == 0.5


def test_landmarks_that_do_not_fit_are_refused():
    """Another number of times."""
    points, times, frames = runner("LR")
    with pytest.raises(BadInput, match="times"):
        near_log_odds(points, times[:-1], frames, Direction.RIGHT)
