"""Spacing in time, balance over athletes, random samples."""

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pushoff.active.batch_constraints import TimeSpacing, sample_random, take_balanced
from tests.unit.active.pools import pool_of

TIMES = st.lists(st.floats(0, 2), max_size=30)


@given(TIMES, st.floats(0.01, 1))
def test_taken_frames_keep_the_spacing(times_s, spacing_s):
    """Of frames that are taken only while free no two are closer than the spacing."""
    spacing = TimeSpacing(spacing_s)
    taken = []
    for time_s in times_s:
        if spacing.free("a", time_s):
            spacing.take("a", time_s)
            taken.append(time_s)
    assert all(np.diff(sorted(taken)) >= spacing_s - 2e-6)
    assert all(min(abs(time_s - other) for other in taken) < spacing_s for time_s in times_s)


def test_spacing_is_within_one_video_and_needs_a_time():
    """A frame of another video, or without a time, is always free."""
    spacing = TimeSpacing(1.0)
    spacing.take("a", 5.0)
    spacing.take("a", np.nan)
    assert not spacing.free("a", 5.5)
    assert spacing.free("b", 5.5) and spacing.free("a", np.nan) and spacing.free("a", 6.0)


def test_random_samples_are_recorded_as_taken():
    """A sampled row is never free again, and no more are sampled than asked for."""
    pool = pool_of(30, 1)
    spacing = TimeSpacing(0.05)
    rows = sample_random(pool, 5, spacing, np.random.default_rng(1))
    assert len(rows) == len(set(rows)) == 5
    assert not any(spacing.free(pool.video_ids[row], pool.times_s[row]) for row in rows)


def test_a_balanced_batch_has_at_most_twice_the_equal_share():
    """Of a video that ranks first throughout, 2/3 of every prefix at most come from it."""
    pool = pool_of(60, 1, videos=3, untimed=1.0)
    names = ("a",) * 40 + ("b",) * 10 + ("c",) * 10
    pool = replace(pool, video_ids=names, groups=names)
    ranked = np.arange(60)
    rows = take_balanced(pool, ranked, 12, TimeSpacing(0))
    for count in range(1, 13):
        assert sum(names[row] == "a" for row in rows[:count]) <= np.ceil(2 * count / 3)
    assert take_balanced(pool, ranked, 12, TimeSpacing(0), balanced=False) == list(range(12))
