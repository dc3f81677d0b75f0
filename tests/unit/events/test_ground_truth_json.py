"""A truth written as events.json is read back."""

from dataclasses import replace

from pushoff.events.ground_truth import parse_ground_truth
from pushoff.events.ground_truth_json import as_events_json
from pushoff.events.values import Direction
from tests.unit.events.test_joined_truth import truth


def test_everything_that_is_known_is_read_back():
    """Feet, running steps, toes, touch-downs and unknown stretches."""
    known = replace(
        truth(50, 150), feet=("left", None), approach=(True, False), complete_from=10,
        unknown=((90, 99),), toes_px=((10.5, 20.0), None), touch_down_frames=(40, 140),
        direction=Direction.LEFT, athlete="Ana", exercise="hops", width_px=640, height_px=360,
        slow_motion=True,
    )  # fmt: skip
    assert parse_ground_truth(as_events_json(known, 30.0)) == known


def test_what_is_not_known_is_left_out():
    """A camera's rate that nobody gave, and who said nothing of a running step."""
    unsaid = replace(truth(50), approach=(None,), slow_motion=True, capture_known=False)
    written = as_events_json(unsaid, 30.0)
    assert "capture_fps" not in written and "athlete" not in written
    assert written["events"] == [
        {"frame": 50, "type": "push_off", "foot": "left", "uncertainty_frames": 1}
    ]
    assert not parse_ground_truth(written).capture_known
