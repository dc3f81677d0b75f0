"""Rates that fit the rhythm of a slow-motion file."""

import pytest

from pushoff.events.capture_rates import USUAL_RATES, likely_rates
from pushoff.events.values import PushOffEvent


def steps(interval_s: float, count: int = 6, fps: float = 30) -> list[PushOffEvent]:
    """Push-offs so many seconds of the file apart."""
    return [
        PushOffEvent(round(k * interval_s * fps), k * interval_s, 0.9) for k in range(1, count + 1)
    ]


@pytest.mark.parametrize("camera_fps", USUAL_RATES)
@pytest.mark.parametrize("step_s", [0.23, 0.4, 0.7])
def test_the_true_rate_is_among_them(camera_fps, step_s):
    """Of a sprint, of bounds and of a triple jump, played at 30/s."""
    assert camera_fps in likely_rates(steps(step_s * camera_fps / 30), 30)


def test_a_rate_that_makes_steps_too_short_or_too_long_is_not_offered():
    """Steps 2 s apart in a file at 30/s: at 60/s they would take 1 s, at 480/s an eighth."""
    assert likely_rates(steps(2.0), 30) == (100, 120, 150, 200, 240, 300)


def test_without_a_rhythm_nothing_is_offered():
    """Nor a rate that the file has already."""
    assert likely_rates(steps(1.0, count=1), 30) == likely_rates([], 30) == ()
    assert likely_rates(steps(0.4), 30) == (60,)
