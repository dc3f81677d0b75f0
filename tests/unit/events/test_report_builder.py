"""What a report is built from, and its warnings."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pushoff.errors import BadInput
from pushoff.events.measure.distances import measure_distances
from pushoff.events.report_builder import CURVE_POINTS, NO_SCORE, OOD_WARNING
from tests.unit.events.test_report import TRIPLE, video_report

few = settings(max_examples=25, deadline=None)


def test_an_unknown_rate_gives_no_seconds():
    """Without the camera's rate there is no duration, time or interval, and a warning says so."""
    report = video_report(trusted=False)
    assert (report.capture_fps, report.duration_s, report.curve.times_s) == (None, None, None)
    assert [None] * 7 == [report.event_time_s(event) for event in report.events]
    assert "frame rate is unknown" in report.warnings[-1]


def test_a_coarse_video_has_a_warning():
    """At 30/s a frame is longer than annotators disagree; at 240/s there is no warning."""
    pushes = [(frame, left) for frame, left in TRIPLE]
    assert "lasts 33 ms" in video_report(pushes, rate=30).warnings[0]
    assert video_report(pushes).warnings == ()


def test_a_model_without_a_score():
    """A missing score is stated."""
    assert video_report(score=None).model_score == NO_SCORE


@few
@given(frames=st.integers(2, 5000), peak=st.floats(0, 1))
def test_thinning_the_curve_keeps_its_peaks(frames, peak):
    """However long the video, the highest probability is drawn at its frame."""
    at = int(peak * (frames - 1))
    curve = video_report([(at, 0.9)], frames=frames, visible=(0, frames)).curve
    assert len(curve.frames) <= CURVE_POINTS
    assert max(zip(curve.push_off, curve.frames, strict=True)) == (0.97, at)
    assert all(a < b for a, b in zip(curve.frames, curve.frames[1:], strict=False))


def test_parts_of_another_video_are_refused():
    """Push-offs, feet, distances and rate must belong together."""
    report = video_report()
    for changes, code in (
        ({"frames": 100}, "event_outside_video"),
        ({"events": report.events[::-1]}, "unsorted_events"),
        ({"events": report.events[:3]}, "sequence_mismatch"),
        ({"capture_fps": None}, "unknown_frame_rate"),
        (
            {"distances": measure_distances(report.events, capture_fps=240)},
            "distance_mismatch",
        ),
    ):
        with pytest.raises(BadInput) as refused:
            replace(report, **changes)
        assert code == refused.value.code


def test_no_push_off_without_an_athlete():
    """A push-off where no athlete is visible never reaches a report."""
    with pytest.raises(BadInput) as refused:
        video_report(visible=(0, 400))
    assert refused.value.code == "event_without_athlete"


def test_an_out_of_distribution_video_is_uncertain():
    """Its headline says so, and the first warning why and what to do; a headline without push-offs
    stays as it is."""
    plain = video_report(track_warnings=("Else.",))
    other = video_report(track_warnings=("Else.",), out_of_distribution=True)
    assert f"Uncertain: {plain.headline}" == other.headline
    assert other.warnings == (OOD_WARNING, *plain.warnings)
    assert "No push-offs found" == video_report((), out_of_distribution=True).headline
