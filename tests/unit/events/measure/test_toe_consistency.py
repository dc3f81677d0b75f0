from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pushoff.events.drill.visibility_gaps import VisibilityGap
from pushoff.events.measure.distances import measure_distances
from pushoff.events.measure.ground_calibration import from_scale
from pushoff.events.measure.toe_consistency import drop_inconsistent_toes
from pushoff.events.values import Direction, PushOffEvent

RIGHT, LEFT = Direction.RIGHT, Direction.LEFT
quick = settings(max_examples=60, deadline=None)


def pushes(xs, error_px=10.0):
    """Push-offs half a second apart with their toes at these x, None without one."""
    return [
        PushOffEvent(120 * i, 0.5 * i, 0.9, 0.9, 0, x if x is None else (x, 900.0), error_px)
        for i, x in enumerate(xs)
    ]


def remaining(xs, direction=RIGHT, gaps=(), error_px=10.0):
    """The x of each toe that is not dropped."""
    events = drop_inconsistent_toes(pushes(xs, error_px), direction, gaps)
    return [event.toe_px and event.toe_px[0] for event in events]


@pytest.mark.parametrize(
    ("xs", "expected"),
    [
        ([100, 500, 900], [100, 500, 900]),
        ([100, 500, 487, 900], [100, 500, 487, 900]),  # within both uncertainties
        ([100, 500, 480, 900], [100, None, None, 900]),  # nothing tells which is wrong
        ([100, 1800, 500, 900], [100, None, 500, 900]),  # two conflict with one
        ([100, 500, None, 20], [100, 500, None, None]),
        ([], []),
    ],
)
def test_a_toe_behind_earlier_ones(xs, expected):
    """It is dropped with the toes it conflicts with, the one with most conflicts first."""
    assert expected == remaining(xs)


def test_a_toe_that_a_person_placed_is_right():
    """What conflicts with it is dropped; two of them both stay."""
    events = pushes([100, 500, 480, 900])
    placed = [replace(event, toe_by_hand=number == 2) for number, event in enumerate(events)]
    kept = [event.toe_px is not None for event in drop_inconsistent_toes(placed, RIGHT)]
    assert kept == [True, False, True, True]
    both = [replace(event, toe_by_hand=number in (1, 2)) for number, event in enumerate(events)]
    assert drop_inconsistent_toes(both, RIGHT) == both


def test_the_other_direction():
    """For an athlete who runs to the left later toes are further left; without a direction all
    stay."""
    assert [900, 500, 100] == remaining([900, 500, 100], LEFT)
    assert [None, None, None] == remaining([900, 500, 100], RIGHT)
    assert [900, 500, 100] == remaining([900, 500, 100], None)


def test_toes_are_not_compared_across_a_cut():
    """After a cut the athlete may be back at the start."""
    assert [100, 900, 100, 900] == remaining(
        [100, 900, 100, 900], gaps=[VisibilityGap(0.7, 0.7, cut=True)]
    )


@quick
@given(
    xs=st.lists(st.none() | st.floats(0, 2704), max_size=8),
    error_px=st.floats(0, 50),
    direction=st.sampled_from(Direction),
)
def test_remaining_toes_are_consistent(xs, error_px, direction):
    """No two remaining toes conflict, none is moved or added, a mirrored video keeps the same ones,
    and consistent toes are unchanged."""
    left = remaining(xs, direction, error_px=error_px)
    assert all(after is None or after == before for before, after in zip(xs, left, strict=True))
    forward = 1 if direction is RIGHT else -1
    places = [forward * x for x in left if x is not None]
    behind = 2**0.5 * error_px * (1 + 1e-9)
    assert all(b - a >= -behind for i, a in enumerate(places) for b in places[i + 1 :])
    other = LEFT if direction is RIGHT else RIGHT
    turned = remaining([x if x is None else -x for x in xs], other, error_px=error_px)
    assert [x is None for x in left] == [x is None for x in turned]
    assert left == remaining(left, direction, error_px=error_px)


def test_no_distance_from_an_inconsistent_toe():
    """The distances on both sides of it are unknown, and the reason says so."""
    events = drop_inconsistent_toes(pushes([100, 1800, 500, 900]), RIGHT)
    result = measure_distances(events, capture_fps=240, calibration=from_scale(246))
    first, second, third = result.phases
    assert (None, None) == (first.distance_m, second.distance_m)
    assert "inconsistent" in first.reason
    assert third.distance_m == pytest.approx(400 / 246)
