"""Push-offs out of the curve of a model of single frames."""

import numpy as np
import pytest

from pushoff.learning.frame.spot_video import spot_from_probabilities


def curve(frames: int, lasts: tuple[int, ...], width: int, high: float = 0.95) -> np.ndarray:
    """A model that is sure of the last `width` frames of each contact."""
    found = np.full(frames, 0.02)
    for last in lasts:
        found[last - width + 1 : last + 1] = high
    return found


@pytest.mark.parametrize(("fps", "width"), [(240, 4), (120, 2), (60, 1), (30, 1)])
def test_a_push_off_is_the_last_frame_of_a_run(fps, width):
    """At every rate, though the whole run of 12.5 ms has the same probability."""
    lasts = (fps // 2, fps, 2 * fps)
    found = spot_from_probabilities(
        curve(3 * fps, lasts, width), [k / fps for k in range(3 * fps)], 0.5
    )
    assert tuple(event.frame for event in found) == lasts
    assert all(event.probability > 0.9 for event in found)


def test_low_probabilities_give_no_event():
    """And a video without frames has no push-off."""
    clock_s = [k / 240 for k in range(480)]
    assert spot_from_probabilities(np.full(480, 0.4), clock_s, 0.5) == []
    assert spot_from_probabilities(np.zeros(0), [], 0.5) == []


def test_a_low_threshold_is_used():
    """Where a push_off is anything from 0.2 on, a rise to 0.3 is one."""
    timid = curve(480, (240,), 4, high=0.3)
    clock_s = [k / 240 for k in range(480)]
    assert spot_from_probabilities(timid, clock_s, 0.5) == []
    assert [event.frame for event in spot_from_probabilities(timid, clock_s, 0.2)] == [240]
