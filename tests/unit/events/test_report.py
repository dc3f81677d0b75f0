from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushoff.events.drill.sequence import classify_sequence
from pushoff.events.measure.distances import measure_distances
from pushoff.events.measure.ground_calibration import from_scale
from pushoff.events.report import confidence_word
from pushoff.events.report_builder import build_report
from pushoff.events.spotting import FrameScores
from pushoff.events.values import PushOffEvent, TrackSummary
from pushoff.values import VideoInfo

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
    visible=(20, 690),
    camera="fixed",
    probability=0.97,
    possible=(),
    **more,
):
    """A report on push-offs at (frame, left probability), classified and measured for real; those
    in the frames `possible` have a probability of 0.14."""
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
        [events[i] for i in sequence.measured],
        capture_fps=rate,
        calibration=from_scale(246) if calibrated else None,
        time_trusted=trusted,
    )
    curve = np.full(frames, 0.02)
    curve[[event.frame for event in events]] = probability
    athlete = np.zeros(frames, bool)
    athlete[slice(*visible)] = True
    flat = np.zeros(frames)
    note = "athlete found" if athlete.any() else "no one moves across the frame"
    return build_report(
        video=video,
        info=VideoInfo(
            2704, 1520, Fraction(30), Fraction(rate if trusted else 30), 23.3, 0, frames, "h264"
        ),
        time_trusted=trusted,
        track=TrackSummary(note, camera, "right", more.pop("track_warnings", ())),
        scores=FrameScores(np.arange(frames) / rate, curve, flat, flat, flat, athlete),
        events=events,
        sequence=sequence,
        distances=distances,
        model_version="model-7",
        model_score=more.pop("score", "F1 0.97 on 5 real clips it never saw (a to e)."),
        **more,
    )


def test_labels():
    """Running steps are A1, A2, ...; the drill's push-offs 1, 2, 3, as in the sentences."""
    report = video_report()
    assert ("A1", "A2", "A3", "A4", "1", "2", "3") == report.labels
    assert ["1-2", "2-3"] == [phase.name for phase in report.distances.phases]
    assert report.phase_after(report.events[4]).to_frame == 430
    assert report.phase_after(report.events[0]) is None


def test_duration_is_the_cameras():
    """700 frames at 240/s are 2.92 s, however slowly the file plays."""
    assert video_report().duration_s == pytest.approx(700 / 240)


@pytest.mark.parametrize(
    ("pushes", "headline"),
    [
        ((), "No push-offs found"),
        (RUN, "4 running steps; no drill found"),
        (TRIPLE[:2], "2 push-offs: too few to identify the exercise"),
        (TRIPLE, "Ambiguous: Triple, Hop-Steps or 2 Hops 2 Steps"),
        ([(100 + 100 * i, 0.97) for i in range(5)], "Hops"),
    ],
)
def test_headline(pushes, headline):
    """The headline is the exercise, or that it is unknown."""
    assert headline == video_report(pushes).headline


def test_no_push_offs_reason():
    """A report without push-offs says whether the athlete or the push-off was missing."""
    nobody = video_report((), visible=(0, 0))
    assert "no one moves across the frame" in nobody.no_push_offs_reason
    assert nobody.curve.frames == ()
    nothing = video_report(())
    assert "670 of 700 frames" in nothing.no_push_offs_reason
    assert "highest probability is 2 %" in nothing.no_push_offs_reason
    assert video_report().no_push_offs_reason is None


def test_cautions_name_the_push_offs():
    """Where the model is unsure of a push-off or a foot, the report names it."""
    assert "unsure of push-offs 1, 2 and 3" in video_report(TRIPLE, probability=0.6).cautions[0]
    (unclear,) = video_report((*TRIPLE[:2], (560, 0.45))).cautions
    assert "unclear for push-off 3." in unclear
    assert video_report().cautions == ()


@given(p=st.floats(0, 1), q=st.floats(0, 1))
def test_confidence_words_keep_the_order_of_probabilities(p, q):
    """A more probable push-off is never called less sure."""
    order = ["unsure", "likely", "sure"]
    low, high = sorted((p, q))
    assert order.index(confidence_word(low)) <= order.index(confidence_word(high))


def test_names_no_file_could_hold():
    """Control characters and broken UTF-8 of a video's name cannot break the report."""
    assert video_report(video="a\x00\n\udc80b.mp4").video == "a\ufffd\ufffd\ufffdb.mp4"


def test_possible_push_offs_are_excluded():
    """A push-off of 14 % is listed as P1; feet, labels, intervals and cadence of the others are
    those of a video without it."""
    with_it = video_report((*RUN, *TRIPLE[:2], (500, 0.9), TRIPLE[2]), possible=(500,))
    without = video_report()
    assert ("A1", "A2", "A3", "A4", "1", "2", "P1", "3") == with_it.labels
    assert (6,) == with_it.sequence.possible
    assert without.distances == with_it.distances
    assert without.headline == with_it.headline
    assert without.sequence.text == with_it.sequence.text == "L,L,R"
    assert with_it.cautions[0].startswith("Push-off P1 ")
    assert "unsure" not in with_it.cautions[0]
    assert with_it.phase_after(with_it.events[6]) is None


def test_only_possible_push_offs():
    """Possible push-offs alone are no drill and no running steps."""
    report = video_report(TRIPLE, possible=[frame for frame, _ in TRIPLE])
    assert "No certain push-offs; 3 possible" == report.headline
    assert () == report.distances.phases
    assert ("P1", "P2", "P3") == report.labels


def test_a_report_that_a_person_checked_is_not_uncertain():
    """Of a video unlike the training videos, once every push-off was set or confirmed."""
    found = video_report(TRIPLE, out_of_distribution=True)
    checked = video_report(TRIPLE, out_of_distribution=True, probability=1.0)
    assert found.headline == f"Uncertain: {checked.headline}"
