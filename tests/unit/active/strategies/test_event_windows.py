"""The event-windows strategy on curves with a peak."""

from dataclasses import replace

import numpy as np

from pushoff.active.strategies.event_windows import LIKELIEST, event_windows
from pushoff.active.strategies.uncertainty import margin
from tests.unit.active.pools import asked, video


def test_event_windows_are_about_events_and_bumps():
    """Frames at a peak, beside it, and at a bump below the threshold come before flat curve."""
    curve = np.full(90, 0.02)
    curve[20], curve[60] = 0.95, 0.4
    rows = asked(event_windows, video(curve), 12)
    assert 20 in rows[:3] and 60 in rows[:5]
    assert all(abs(row - 20) <= 3 or abs(row - 60) <= 3 for row in rows[:5])


def test_a_video_of_which_nothing_is_known_has_no_events():
    """The rules see nobody in it: its frames count as undecided, and the real peak comes first."""
    curve = np.full(60, 0.02)
    curve[20] = 0.58
    known, unknown = video(curve), video(np.full(60, 0.5))
    pool = replace(
        known,
        features=np.concatenate([known.features, unknown.features]),
        probabilities=np.concatenate([known.probabilities, unknown.probabilities]),
        video_ids=(*known.video_ids, *("unknown",) * 60),
        groups=(*known.groups, *("unknown",) * 60),
        times_s=np.concatenate([known.times_s, unknown.times_s]),
    )
    ranking = event_windows(pool, 12, np.random.default_rng(1))
    assert ranking.rows[0] == 20
    assert not any(LIKELIEST in reason for reason in ranking.reasons[60:])


def test_event_windows_without_times_are_margin():
    """Pictures that belong to no video have no windows."""
    pool = replace(video(np.random.default_rng(3).random(20)), times_s=np.full(20, np.nan))
    assert asked(margin, pool, 20) == asked(event_windows, pool, 20)
