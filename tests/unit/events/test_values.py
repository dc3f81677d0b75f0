"""Feet, directions and push-offs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushoff.events.values import KNOWN_FOOT, Direction, Foot, PushOffEvent


def test_each_foot_has_another():
    """The other foot's other foot is the foot itself; letters are a coach's."""
    assert [foot.other.other for foot in Foot] == list(Foot)
    assert [(foot.letter, foot.other.letter) for foot in Foot] == [("L", "R"), ("R", "L")]


def test_an_athlete_who_travels_right_shows_the_right_side():
    """The near foot is on the side the athlete travels to."""
    assert Direction.RIGHT.near_foot is Foot.RIGHT and Direction.LEFT.near_foot is Foot.LEFT


@given(st.floats(0, 1))
def test_the_foot_is_the_more_likely_one(left):
    """Its probability is at least one half; where it is hardly more, the foot is unknown."""
    event = PushOffEvent(10, 0.1, 0.9, left)
    likely = Foot.LEFT if left > 0.5 else Foot.RIGHT
    assert event.foot is (likely if max(left, 1 - left) >= KNOWN_FOOT else None)
    assert event.foot_probability == pytest.approx(0.5 + abs(left - 0.5))
