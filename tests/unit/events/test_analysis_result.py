from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pushoff.errors import StorageFailed
from pushoff.events.analysis_result import (
    SLOWEST_S,
    TrackSummary,
    VideoAnalysis,
    build_session_report,
    from_bytes,
    rate_is_trusted,
    to_bytes,
)
from pushoff.events.spotting import FrameScores
from pushoff.events.values import PushOffEvent
from pushoff.values import VideoInfo

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
    assert "at what rate the camera filmed" in doubt


@pytest.mark.parametrize("times_s", [[], [2.0], [0, 0.25, 0.5], [0, 0.8, 1.6], [0, 0.5, 1.0, 9.0]])
def test_real_time_is_believed_and_said(times_s):
    """Sprints, jumps, one pause or no push-off at all read as real time, with a hint."""
    trusted, hint = rate_is_trusted(events(times_s), 29.97, False)
    assert trusted
    assert "real time at 30 frames/s" in hint
    assert "at what rate the camera filmed" in hint


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


def reading(count=240):
    """A made-up reading of one second at 240/s with two push-offs."""
    times = np.arange(count) / 240
    curve = np.linspace(0, 1, count)
    curves = FrameScores(times, curve, curve, curve, curve, np.ones(count, bool), step=8)
    pushes = (
        PushOffEvent(60, 0.25, 0.98, 0.9, 0.1, (310.5, 204.0), 2.5),
        PushOffEvent(180, 0.75, 0.6, 0.2),
    )
    rate = Fraction(240000, 1001)
    return VideoAnalysis(
        info=VideoInfo(640, 360, rate, rate, 1.0, 0, count, "h264"),
        capture_known=True,
        followed=TrackSummary("one athlete", "fixed", "right", ("somebody else walks by",), (120,)),
        boxes_px=np.arange(4 * count, dtype=np.int32).reshape(count, 4),
        curves=curves,
        events=pushes,
        model_version="spotter-v1",
        model_score="On 3 clips it reached F1 0.90.",
        warnings=("The file ends early.",),
        unlike=True,
    )


def test_a_kept_reading_makes_the_same_report():
    """What was kept and read back gives the very report the video gave when it was read."""
    read = reading()
    back = from_bytes(to_bytes(read))
    assert build_session_report(back, "video.mp4") == build_session_report(read, "video.mp4")
    assert (back.boxes_px == read.boxes_px).all()
    assert back.info == read.info


def test_corrected_push_offs_change_the_report_and_not_the_reading():
    """A report of other push-offs tells of them; the reading keeps what the model saw."""
    read = reading()
    report = build_session_report(read, "video.mp4", events=read.events[:1])
    assert [event.frame for event in report.events] == [60]
    assert len(read.events) == 2


def test_the_reading_s_warnings_come_once():
    """Warnings of the video and of the track are in the report, each once."""
    told = build_session_report(reading(), "video.mp4").warnings
    assert told.count("The file ends early.") == 1
    assert told.count("somebody else walks by") == 1
    assert "unlike the videos the model learnt from" in told[0]


@pytest.mark.parametrize("cut", [0, 10, 1000])
def test_a_damaged_reading_says_to_read_again(cut):
    """A reading cut short is refused in words, with what to do."""
    with pytest.raises(StorageFailed, match="again"):
        from_bytes(to_bytes(reading())[:cut])


def test_a_cut_between_push_offs_is_kept_with_the_reading():
    """A drill is not read across it, nor anything measured, also when the reading is read back."""
    report = build_session_report(from_bytes(to_bytes(reading())), "video.mp4")
    assert (0,) == report.sequence.broken_after
    assert [None] == [phase.interval_s for phase in report.distances.phases]


WHOLE = to_bytes(reading())


@settings(max_examples=200, deadline=None)
@given(at=st.integers(0, len(WHOLE) - 1), bits=st.integers(1, 255))
def test_a_byte_changed_is_refused_or_unharmed(at, bits):
    """Any byte changed gives a reading or a sentence, never a trace."""
    damaged = bytearray(WHOLE)
    damaged[at] ^= bits
    try:
        from_bytes(bytes(damaged))
    except StorageFailed as refused:
        assert "again" in str(refused)


def test_a_camera_that_pans_tells_no_seconds_until_its_rate_is_said():
    """Broadcasts play slow motion at rates of their own: no cadence is made of an unknown one."""
    trusted, doubt = rate_is_trusted(events([0, 0.2]), 30, False, "panning")
    assert not trusted
    assert "at what rate the camera filmed" in doubt
    assert rate_is_trusted(events([0, 0.2]), 30, True, "panning") == (True, None)
