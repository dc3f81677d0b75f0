from dataclasses import replace
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pushoff.errors import BadInput
from pushoff.events.drill.sequence import classify_sequence
from pushoff.events.measure.distances import measure_distances
from pushoff.events.measure.ground_calibration import from_scale
from pushoff.events.report import (
    CURVE_POINTS,
    NO_SCORE,
    build_report,
    confidence_word,
)
from pushoff.events.spotting import FrameScores
from pushoff.events.values import PushOffEvent
from pushoff.values import VideoInfo

few = settings(max_examples=25, deadline=None)
RUN = ((60, 0.05), (116, 0.93), (171, 0.06), (227, 0.94))
"""(frame, left probability) of four running steps at 240/s."""
TRIPLE = ((320, 0.96), (430, 0.9), (560, 0.08))
"""L, L, R."""


def video_report(
    pushes=(*RUN, *TRIPLE),
    *,
    video="anna.mp4",
    rate=240,
    trusted=True,
    calibrated=False,
    frames=700,
    seen=(20, 690),
    camera="fixed",
    probability=0.97,
    possible=(),
    **more,
):
    """A report on push-offs at (frame, left probability), made of the real readings of them;
    those in the frames `possible` have a probability of 0.14."""
    events = [
        PushOffEvent(
            frame=frame,
            time_s=frame / rate,
            probability=0.14 if frame in possible else probability,
            left_probability=left,
            approach_probability=0.9 if (frame, left) in RUN else 0.0,
            toe_px=(300 + 3.2 * frame, 1290.0) if calibrated else None,
            toe_uncertainty_px=4.0,
        )
        for frame, left in pushes
    ]
    sequence = classify_sequence(events)
    distances = measure_distances(
        [events[i] for i in sequence.drill],
        capture_fps=rate,
        calibration=from_scale(246) if calibrated else None,
        time_trusted=trusted,
    )
    curve = np.full(frames, 0.02)
    curve[[event.frame for event in events]] = probability
    athlete = np.zeros(frames, bool)
    athlete[slice(*seen)] = True
    flat = np.zeros(frames)
    note = "athlete found" if athlete.any() else "nobody crosses the picture"
    return build_report(
        video=video,
        info=VideoInfo(
            2704, 1520, Fraction(30), Fraction(rate if trusted else 30), 23.3, 0, frames, "h264"
        ),
        time_trusted=trusted,
        athlete=SimpleNamespace(
            note=note, camera=camera, direction="right", warnings=more.pop("told", ())
        ),
        reading=FrameScores(np.arange(frames) / rate, curve, flat, flat, flat, athlete),
        events=events,
        sequence=sequence,
        distances=distances,
        model_version="model-7",
        model_score=more.pop("score", "F1 0.97 on 5 real clips it never saw (a to e)."),
        **more,
    )


def test_the_drill_is_counted_apart_from_the_run():
    """Running steps are A1, A2, ...; the drill's push-offs 1, 2, 3, as its sentences say."""
    report = video_report()
    assert ("A1", "A2", "A3", "A4", "1", "2", "3") == report.labels
    assert ["1-2", "2-3"] == [phase.name for phase in report.distances.phases]
    assert report.after(report.events[4]).to_frame == 430
    assert report.after(report.events[0]) is None


def test_duration_is_the_cameras():
    """700 frames at 240/s are 2.92 s, however slowly the file plays."""
    assert video_report().duration_s == pytest.approx(700 / 240)


@pytest.mark.parametrize(
    ("pushes", "headline"),
    [
        ((), "No push-offs found"),
        (RUN, "4 running steps, no drill"),
        (TRIPLE[:2], "2 push-offs: too few to name an exercise"),
        (TRIPLE, "Ambiguous: Triple, Hop-Steps or 2 Hops 2 Steps"),
        ([(100 + 100 * i, 0.97) for i in range(5)], "Hops"),
    ],
)
def test_headline(pushes, headline):
    """The first thing a coach reads is what it was, or that nobody can say."""
    assert headline == video_report(pushes).headline


def test_why_nothing_was_found():
    """A report without push-offs says whether the athlete or the push-off was missing."""
    nobody = video_report((), seen=(0, 0))
    assert "Nobody could be followed" in nobody.nothing_found
    assert "nobody crosses the picture" in nobody.nothing_found
    assert nobody.curve.frames == ()
    nothing = video_report(())
    assert "670 of 700 frames" in nothing.nothing_found
    assert "highest probability is 2 %" in nothing.nothing_found
    assert video_report().nothing_found is None


def test_an_unknown_rate_gives_no_seconds():
    """Without the camera's rate there is no duration, no time and no interval, and it says so."""
    report = video_report(trusted=False)
    assert (report.capture_fps, report.duration_s, report.curve.times_s) == (None, None, None)
    assert [None] * 7 == [report.seconds(event) for event in report.events]
    assert "frame rate is not known" in report.warnings[-1]


def test_a_coarse_video_is_told_so():
    """At 30/s a frame hides more than annotators disagree; at 240/s nothing is said."""
    pushes = [(frame, left) for frame, left in TRIPLE]
    assert "lasts 33 ms" in video_report(pushes, rate=30).warnings[0]
    assert video_report(pushes).warnings == ()


def test_doubts_name_the_push_offs():
    """Where the model is not sure of a push-off or a foot, the report names which."""
    assert "unsure of 1, 2, 3:" in video_report(TRIPLE, probability=0.6).doubts[0]
    (unclear,) = video_report((*TRIPLE[:2], (560, 0.45))).doubts
    assert "not clear at 3:" in unclear
    assert video_report().doubts == ()


def test_a_model_without_a_score_says_so():
    """No score is not a good score."""
    assert video_report(score=None).model_score == NO_SCORE


@given(p=st.floats(0, 1), q=st.floats(0, 1))
def test_words_keep_the_order_of_probabilities(p, q):
    """A likelier push-off is never called less sure."""
    order = ["unsure", "likely", "sure"]
    low, high = sorted((p, q))
    assert order.index(confidence_word(low)) <= order.index(confidence_word(high))


@few
@given(frames=st.integers(2, 5000), peak=st.floats(0, 1))
def test_thinning_the_curve_keeps_its_peaks(frames, peak):
    """However long the video, the highest frame is drawn where it is."""
    at = int(peak * (frames - 1))
    curve = video_report([(at, 0.9)], frames=frames, seen=(0, frames)).curve
    assert len(curve.frames) <= CURVE_POINTS
    assert max(zip(curve.push_off, curve.frames, strict=True)) == (0.97, at)
    assert all(a < b for a, b in zip(curve.frames, curve.frames[1:], strict=False))


def test_names_no_file_could_hold():
    """Control characters and broken UTF-8 of a video's name cannot break the report."""
    assert video_report(video="a\x00\n\udc80b.mp4").video == "a\ufffd\ufffd\ufffdb.mp4"


def test_parts_of_another_video_are_refused():
    """Push-offs, feet, distances and rate must belong together."""
    report = video_report()
    with pytest.raises(BadInput, match="video has 100"):
        replace(report, frames=100)
    with pytest.raises(BadInput, match="sort them"):
        replace(report, events=report.events[::-1])
    with pytest.raises(BadInput, match="feet of 7"):
        replace(report, events=report.events[:3])
    with pytest.raises(BadInput, match="not known"):
        replace(report, capture_fps=None)
    with pytest.raises(BadInput, match="measure the drill"):
        replace(report, distances=measure_distances(report.events, capture_fps=240))


def test_no_push_off_without_an_athlete():
    """A push-off where nobody is seen never reaches a report."""
    with pytest.raises(BadInput, match="no athlete"):
        video_report(seen=(0, 400))


def test_what_is_likelier_no_push_off_counts_in_nothing():
    """A push-off of 14 % is listed as P1; feet, labels, intervals and cadence of the others are
    those of a video without it."""
    with_it = video_report((*RUN, *TRIPLE[:2], (500, 0.9), TRIPLE[2]), possible=(500,))
    without = video_report()
    assert ("A1", "A2", "A3", "A4", "1", "2", "P1", "3") == with_it.labels
    assert (6,) == with_it.sequence.possible
    assert without.distances == with_it.distances
    assert without.headline == with_it.headline
    assert without.sequence.text == with_it.sequence.text == "L,L,R"
    assert "P1: likelier no push-off than one" in with_it.doubts[0]
    assert "unsure" not in with_it.doubts[0]
    assert with_it.after(with_it.events[6]) is None


def test_nothing_sure_enough_to_count():
    """Possible push-offs alone are no drill and no running."""
    report = video_report(TRIPLE, possible=[frame for frame, _ in TRIPLE])
    assert "No push-off is sure enough to count: 3 possible" == report.headline
    assert () == report.distances.phases
    assert ("P1", "P2", "P3") == report.labels


def test_a_video_unlike_those_learnt_from_is_headlined_with_caution():
    """Whatever was found there is called uncertain, and the first warning says why and what to
    do; that nothing was found stays as it is."""
    plain, unlike = video_report(told=("Else.",)), video_report(told=("Else.",), unlike=True)
    assert f"Uncertain: {plain.headline}" == unlike.headline
    assert "unlike the videos the model learnt from" in unlike.warnings[0]
    assert plain.warnings == unlike.warnings[1:]
    assert "No push-offs found" == video_report((), unlike=True).headline
