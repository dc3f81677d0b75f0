"""Feet as the whole sequence of steps says them."""

import math

from pushoff.events.drill.corrected_feet import with_corrected_feet
from pushoff.events.values import PushOffEvent


def test_feet_come_from_the_whole_sequence():
    """Frames and probabilities stay; the sequence's foot replaces the event's own."""
    lefts = (0.9, 0.1, 0.9, 0.55, 0.9, 0.1)
    events = [PushOffEvent(20 * i, 20 * i / 30, 0.9, left) for i, left in enumerate(lefts)]
    corrected = with_corrected_feet({"x": events})["x"]
    assert [event.frame for event in events] == [event.frame for event in corrected]
    assert "LRLRLR" == "".join(event.foot.letter for event in corrected)
    assert all(math.isfinite(event.left_probability) for event in corrected)
