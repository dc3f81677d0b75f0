import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pushoff.events.drill.visibility_gaps import VisibilityGap
from pushoff.events.measure.distances import measure_distances
from pushoff.events.measure.ground_calibration import from_scale
from pushoff.events.measure.toe_consistency import without_contradictions
from pushoff.events.values import Direction, PushOffEvent

RIGHT, LEFT = Direction.RIGHT, Direction.LEFT
quick = settings(max_examples=60, deadline=None)


def pushes(xs, error_px=10.0):
    """Push-offs half a second apart with their toes at these x, None without one."""
    return [
        PushOffEvent(120 * i, 0.5 * i, 0.9, 0.9, 0, x if x is None else (x, 900.0), error_px)
        for i, x in enumerate(xs)
    ]


def kept(xs, direction=RIGHT, gaps=(), error_px=10.0):
    """The x of each toe that is left."""
    events = without_contradictions(pushes(xs, error_px), direction, gaps)
    return [event.toe_px and event.toe_px[0] for event in events]


@pytest.mark.parametrize(
    ("xs", "left"),
    [
        ([100, 500, 900], [100, 500, 900]),
        ([100, 500, 487, 900], [100, 500, 487, 900]),  # within what both are uncertain by
        ([100, 500, 480, 900], [100, None, None, 900]),  # nothing tells which is wrong
        ([100, 1800, 500, 900], [100, None, 500, 900]),  # two speak against one
        ([100, 500, None, 20], [100, 500, None, None]),
        ([], []),
    ],
)
def test_a_toe_behind_the_ones_before_it(xs, left):
    """It is dropped with what it contradicts, the one that most others speak against first."""
    assert left == kept(xs)


def test_the_other_way_round():
    """An athlete who runs to the left leaves toes further left; of unknown direction all stay."""
    assert [900, 500, 100] == kept([900, 500, 100], LEFT)
    assert [None, None, None] == kept([900, 500, 100], RIGHT)
    assert [900, 500, 100] == kept([900, 500, 100], None)


def test_a_new_run_starts_anew():
    """After a cut the athlete may be back at the start: nothing is compared across it."""
    assert [100, 900, 100, 900] == kept(
        [100, 900, 100, 900], gaps=[VisibilityGap(0.7, 0.7, cut=True)]
    )


@quick
@given(
    xs=st.lists(st.none() | st.floats(0, 2704), max_size=8),
    error_px=st.floats(0, 50),
    direction=st.sampled_from(Direction),
)
def test_what_is_left_agrees(xs, error_px, direction):
    """No two toes that are left contradict each other, none is moved or made up, a mirrored video
    keeps the same ones, and toes that agreed are untouched."""
    left = kept(xs, direction, error_px=error_px)
    assert all(after is None or after == before for before, after in zip(xs, left, strict=True))
    forward = 1 if direction is RIGHT else -1
    places = [forward * x for x in left if x is not None]
    behind = 2**0.5 * error_px * (1 + 1e-9)
    assert all(b - a >= -behind for i, a in enumerate(places) for b in places[i + 1 :])
    other = LEFT if direction is RIGHT else RIGHT
    turned = kept([x if x is None else -x for x in xs], other, error_px=error_px)
    assert [x is None for x in left] == [x is None for x in turned]
    assert left == kept(left, direction, error_px=error_px)


def test_no_metre_is_made_of_a_contradicted_toe():
    """The distances beside it are not known, and the reason says so."""
    events = without_contradictions(pushes([100, 1800, 500, 900]), RIGHT)
    reading = measure_distances(events, capture_fps=240, calibration=from_scale(246))
    first, second, third = reading.phases
    assert (None, None) == (first.distance_m, second.distance_m)
    assert "others contradict it" in first.reason
    assert third.distance_m == pytest.approx(400 / 246)
