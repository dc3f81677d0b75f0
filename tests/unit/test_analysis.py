import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pushoff.analysis import SLOWEST_S, rate_is_trusted
from pushoff.events.values import PushOffEvent

quick = settings(max_examples=50, deadline=None)


def events(times_s, fps=30.0):
    return [PushOffEvent(frame=round(t * fps), time_s=t, probability=0.9) for t in times_s]


def test_a_rate_that_was_given_is_trusted():
    """Who gives the camera's rate hears no doubt, however far apart the push-offs."""
    assert rate_is_trusted(events([0, 4, 8]), 30, True) == (True, None)


@pytest.mark.parametrize("file_fps", [100, 119.88, 240])
def test_a_fast_file_is_a_fast_camera(file_fps):
    """A file that plays at 100/s and more was filmed so."""
    assert rate_is_trusted(events([0, 4, 8]), file_fps, False) == (True, None)


def test_slow_motion_taken_for_real_time_is_told():
    """A file at 30/s with push-offs 3 s apart gives no seconds, and says what to do."""
    trusted, doubt = rate_is_trusted(events([1, 4, 7.2]), 30, False)
    assert not trusted
    assert "slow motion" in doubt
    assert "3.1 s" in doubt
    assert "--capture-fps" in doubt


@pytest.mark.parametrize("times_s", [[], [2.0], [0, 0.25, 0.5], [0, 0.8, 1.6], [0, 0.5, 1.0, 9.0]])
def test_real_time_is_believed_and_said(times_s):
    """Sprints, jumps, one pause or no push-off at all read as real time, with a hint."""
    trusted, hint = rate_is_trusted(events(times_s), 29.97, False)
    assert trusted
    assert "real time at 30 frames/s" in hint
    assert "--capture-fps" in hint


@quick
@given(
    gaps_s=st.lists(st.floats(0.1, 6), min_size=1, max_size=8),
    slower=st.sampled_from([1, 2, 4, 8]),
    later_s=st.floats(0, 100),
)
def test_slower_is_never_more_trusted(gaps_s, slower, later_s):
    """Playing a run slower never makes its seconds believable, starting later changes nothing."""
    times = [sum(gaps_s[:i]) for i in range(len(gaps_s) + 1)]
    plain, _ = rate_is_trusted(events(times), 30, False)
    slow, _ = rate_is_trusted(events([slower * t for t in times]), 30, False)
    assert plain or not slow
    if min(gaps_s) > SLOWEST_S + 1e-6:
        assert not rate_is_trusted(events([t + later_s for t in times]), 30, False)[0]
