from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pushoff.errors import StorageFailed
from pushoff.events import analysis_result
from pushoff.events.analysis_result import (
    MAX_REAL_TIME_INTERVAL_S,
    VideoAnalysis,
    build_session_report,
    from_bytes,
    rate_is_trusted,
    to_bytes,
)
from pushoff.events.measure.ground_calibration import from_scale
from pushoff.events.report_builder import OOD_WARNING
from pushoff.events.spotting import FrameScores
from pushoff.events.values import PushOffEvent, TrackSummary
from pushoff.values import VideoInfo

quick = settings(max_examples=50, deadline=None)


def events(times_s, fps=30.0):
    return [PushOffEvent(frame=round(t * fps), time_s=t, probability=0.9) for t in times_s]


def test_a_given_rate_is_trusted():
    """A given camera rate brings no warning, however far apart the push-offs are."""
    assert rate_is_trusted(events([0, 4, 8]), 30, True) == (True, None)


@pytest.mark.parametrize("file_fps", [100, 119.88, 240])
def test_a_fast_file_is_a_fast_camera(file_fps):
    """A file that plays at 100/s and more was filmed so."""
    assert rate_is_trusted(events([0, 4, 8]), file_fps, False) == (True, None)


def test_slow_motion_is_recognised():
    """A file at 30/s with push-offs 3 s apart gives no times, and the warning names the gap."""
    trusted, warning = rate_is_trusted(events([1, 4, 7.2]), 30, False)
    assert not trusted
    assert "3.1 s" in warning


@pytest.mark.parametrize("times_s", [[], [2.0], [0, 0.25, 0.5], [0, 0.8, 1.6], [0, 0.5, 1.0, 9.0]])
def test_real_time_is_assumed_with_a_hint(times_s):
    """Sprints, jumps, one pause or no push-off at all count as real time, with a hint."""
    trusted, hint = rate_is_trusted(events(times_s), 29.97, False)
    assert trusted
    assert "30 frames/s" in hint


@quick
@given(
    gaps_s=st.lists(st.floats(0.1, 6), min_size=1, max_size=8),
    slower=st.sampled_from([1, 2, 4, 8]),
    later_s=st.floats(0, 100),
)
def test_slower_is_never_more_trusted(gaps_s, slower, later_s):
    """Playing a run slower never makes its times trusted; starting later changes nothing."""
    times = [sum(gaps_s[:i]) for i in range(len(gaps_s) + 1)]
    plain, _ = rate_is_trusted(events(times), 30, False)
    slow, _ = rate_is_trusted(events([slower * t for t in times]), 30, False)
    assert plain or not slow
    if min(gaps_s) > MAX_REAL_TIME_INTERVAL_S + 1e-6:
        assert not rate_is_trusted(events([t + later_s for t in times]), 30, False)[0]


def analysis(count=240):
    """A synthetic analysis of one second at 240/s with two push-offs."""
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
        track=TrackSummary("one athlete", "fixed", "right", ("somebody else walks by",), (120,)),
        boxes_px=np.arange(4 * count, dtype=np.int32).reshape(count, 4),
        scores=curves,
        events=pushes,
        model_version="spotter-v1",
        model_score="On 3 clips it reached F1 0.90.",
        warnings=("The file ends early.",),
        out_of_distribution=True,
    )


def test_a_stored_analysis_gives_the_same_report():
    """An analysis that was stored and loaded gives the same report as before."""
    original = analysis()
    loaded = from_bytes(to_bytes(original))
    assert build_session_report(loaded, "video.mp4") == build_session_report(original, "video.mp4")
    assert (loaded.boxes_px == original.boxes_px).all()
    assert loaded.info == original.info


def test_corrections_change_the_report_and_not_the_analysis():
    """A report of other push-offs has those; the analysis keeps what the model found."""
    original = analysis()
    report = build_session_report(original, "video.mp4", events=original.events[:1])
    assert [event.frame for event in report.events] == [60]
    assert len(original.events) == 2


def test_warnings_come_once():
    """Warnings of the video and of the track are in the report, each once."""
    warnings = build_session_report(analysis(), "video.mp4").warnings
    assert warnings.count("The file ends early.") == 1
    assert warnings.count("somebody else walks by") == 1
    assert warnings[0] == OOD_WARNING


@pytest.mark.parametrize("cut", [0, 10, 1000])
def test_a_damaged_analysis(cut):
    """An analysis that is cut short is refused with a remedy."""
    with pytest.raises(StorageFailed) as refused:
        from_bytes(to_bytes(analysis())[:cut])
    assert refused.value.code == "damaged_analysis"
    assert refused.value.remedy


def test_another_format(monkeypatch):
    """An analysis of another format is refused with a remedy."""
    monkeypatch.setattr(analysis_result, "FORMAT", analysis_result.FORMAT - 1)
    older = to_bytes(analysis())
    monkeypatch.undo()
    with pytest.raises(StorageFailed) as refused:
        from_bytes(older)
    assert refused.value.code == "other_format"
    assert refused.value.remedy


def test_a_cut_between_push_offs_is_stored():
    """No drill and no distance goes across it, also after the analysis was stored and loaded."""
    report = build_session_report(from_bytes(to_bytes(analysis())), "video.mp4")
    assert (0,) == report.sequence.broken_after
    assert [None] == [phase.interval_s for phase in report.distances.phases]


WHOLE = to_bytes(analysis())


@settings(max_examples=200, deadline=None)
@given(at=st.integers(0, len(WHOLE) - 1), bits=st.integers(1, 255))
def test_a_byte_changed_is_refused_or_unharmed(at, bits):
    """With any byte changed it loads or is refused with a remedy, never with a traceback."""
    damaged = bytearray(WHOLE)
    damaged[at] ^= bits
    try:
        from_bytes(bytes(damaged))
    except StorageFailed as refused:
        assert refused.remedy


def test_a_panning_camera_needs_a_given_rate():
    """Broadcasts play slow motion at rates of their own: no cadence from an unknown rate."""
    trusted, warning = rate_is_trusted(events([0, 0.2]), 30, False, "panning")
    assert not trusted
    assert "pans" in warning
    assert rate_is_trusted(events([0, 0.2]), 30, True, "panning") == (True, None)


def run(frames=(30, 84, 138, 192), approach=0.95):
    """A synthetic analysis of running steps of 0.225 s each."""
    pushes = tuple(
        PushOffEvent(frame, frame / 240, 0.98, 0.95 if k % 2 else 0.05, approach, (frame, 200.0), 2)
        for k, frame in enumerate(frames)
    )
    plain = analysis()
    return replace(plain, events=pushes, track=replace(plain.track, cuts=()))


def test_steps_are_measured_where_there_is_no_drill():
    """Times and distances from step to step, and the cadence; the exercise stays open."""
    report = build_session_report(run(), "video.mp4", calibration=from_scale(100))
    assert report.sequence.drill == ()
    phases = report.distances.phases
    assert [phase.interval_s for phase in phases] == pytest.approx([0.225] * 3)
    assert [phase.distance_m for phase in phases] == pytest.approx([0.54] * 3)
    assert report.distances.cadence_per_min == pytest.approx(60 / 0.225)
    assert report.sequence.exercise is None


def test_a_last_push_off_is_measured_from_the_run_before_it():
    """One push-off is no drill: its run is measured to its end."""
    steps = run()
    last = replace(steps.events[-1], frame=230, time_s=230 / 240, approach_probability=0.02)
    steps = replace(steps, events=(*steps.events, last))
    report = build_session_report(steps, "video.mp4")
    assert len(report.sequence.drill) <= 1
    assert [phase.from_frame for phase in report.distances.phases] == [30, 84, 138, 192]


def test_steps_are_not_measured_across_a_gap():
    """As in a drill: what lies between two parts of a video is unknown."""
    steps = run()
    seen = np.ones(240, bool)
    seen[90:130] = False
    scores = replace(steps.scores, athlete=seen)
    steps = replace(steps, scores=scores, track=replace(steps.track, cuts=(110,)))
    report = build_session_report(steps, "video.mp4", calibration=from_scale(100))
    across = next(phase for phase in report.distances.phases if phase.from_frame == 84)
    assert across.interval_s is None and across.distance_m is None
    assert report.distances.total_m is None


def test_the_run_up_of_a_drill_is_not_measured():
    """Only the drill is, as soon as there is one."""
    drill = tuple(PushOffEvent(frame, frame / 240, 0.98, 0.95) for frame in (20, 130, 230))
    report = build_session_report(replace(analysis(), events=drill), "video.mp4")
    assert report.sequence.measured == report.sequence.drill == (0, 1, 2)
