"""The event-windows strategy on curves with a peak."""

from dataclasses import replace

import numpy as np

from pushoff.active.strategies.event_windows import event_windows
from pushoff.active.strategies.uncertainty import margin
from tests.unit.active.pools import asked, video


def test_event_windows_are_about_events_and_bumps():
    """Frames at a peak, beside it, and at a bump below the threshold come before flat curve."""
    curve = np.full(90, 0.02)
    curve[20], curve[60] = 0.95, 0.4
    rows = asked(event_windows, video(curve), 12)
    assert 20 in rows[:3] and 60 in rows[:5]
    assert all(abs(row - 20) <= 3 or abs(row - 60) <= 3 for row in rows[:5])


def test_event_windows_without_times_are_margin():
    """Pictures that belong to no video have no windows."""
    pool = replace(video(np.random.default_rng(3).random(20)), times_s=np.full(20, np.nan))
    assert asked(margin, pool, 20) == asked(event_windows, pool, 20)
