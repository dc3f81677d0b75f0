"""Calibration of a sequence head on videos that were held out."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pushoff.events.values import PushOffEvent
from pushoff.learning.heads.calibrate import fit_confidence, fit_timing, known_push_offs
from pushoff.learning.heads.fit_sequence import DEFAULT_SPREAD_MS
from tests.unit.learning.event_samples import (
    frame_labelled_video,
    known,
    known_video,
    labelled_video,
    video_of,
)

quick = settings(max_examples=40, deadline=None)
VIDEOS = [known_video(str(number), "a", 9, number) for number in range(4)]
UPS = VIDEOS[0].truth.push_off_frames
LONG = known_video("x", "x", 30)
LABELLED = frame_labelled_video("s", "s")


def event(frame, probability=0.9):
    return PushOffEvent(frame, frame / 30, probability, 0.9)


@quick
@given(by=st.integers(-1, 1), wrong=st.integers(0, 5), marked=st.booleans())
def test_the_offset_corrects_a_constant_error(by, wrong, marked):
    """A constant error is corrected almost wholly, and a few outliers do not change that; whether
    whole videos were marked or single frames labelled."""
    videos = VIDEOS if marked else [dataclasses.replace(one, truth=None) for one in VIDEOS]
    found = {one.video_id: [event(frame + by) for frame in UPS] for one in videos}
    found["0"] = [event(0)] * wrong + found["0"][wrong:]
    offset_ms, spread_ms = fit_timing(found, videos)
    assert 0.7 * abs(by) <= abs(offset_ms) * 30 / 1000 <= abs(by) and offset_ms * by <= 0
    assert 0 < spread_ms < DEFAULT_SPREAD_MS + 1


def test_without_a_known_rate_there_is_no_offset():
    """Slow motion of an unknown rate has no time; nor have events that were not found."""
    truth = dataclasses.replace(VIDEOS[0].truth, capture_known=False)
    slow = dataclasses.replace(VIDEOS[0], truth=truth)
    late = {"0": [event(frame + 1) for frame in UPS]}
    nothing = (0.0, DEFAULT_SPREAD_MS)
    assert nothing == fit_timing(late, [slow]) == fit_timing({}, VIDEOS) == fit_timing({}, [])


@quick
@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=30))
def test_confidence_is_monotonic(outcomes):
    """Any mixture of correct and wrong events gives a rising curve of probabilities."""
    events = [
        event(frame if right else frame + 5, clear)
        for frame, (clear, right) in zip(LONG.truth.push_off_frames, outcomes, strict=False)
    ]
    curve = fit_confidence({"x": events}, [LONG])
    assert 0 < curve.apply(0.2) <= curve.apply(0.8) < 1
    assert bool(outcomes) == bool(curve.measured_on)


@pytest.mark.parametrize("video", [LONG, LABELLED], ids=["marked", "labelled"])
def test_wrong_events_lower_the_confidence(video):
    """Many clear wrong events: the next is unlikely; as many correct ones: likely."""
    frames = [last for _, last in known_push_offs(video)]
    wrong, right = (
        fit_confidence({video.video_id: [event(frame + by, 0.9) for frame in frames]}, [video])
        for by in (4, 0)
    )
    assert wrong.apply(0.9) < 0.6 < 0.8 < right.apply(0.9)
    assert "synthetic: 1 videos" == right.measured_on


def test_an_event_that_nobody_answered_is_not_judged():
    """Where single frames are labelled, what lies between them is neither right nor wrong."""
    answered = set(LABELLED.frames.tolist())
    between = [frame for frame in range(100) if not {frame - 1, frame, frame + 1} & answered]
    curve = fit_confidence({"s": [event(frame) for frame in between]}, [LABELLED])
    assert between and curve == fit_confidence({}, [LABELLED])


def test_an_event_beside_a_labelled_push_off_is_right():
    """Within one frame, although that frame was answered not_push_off."""
    beside = [event(frame + 1) for _, frame in known_push_offs(LABELLED)]
    assert fit_confidence({"s": beside}, [LABELLED]).apply(0.9) > 0.8


def test_the_known_push_offs_are_the_last_of_each_run():
    """Three frames at 240/s are one push-off, whether marked or labelled."""
    marked = known_video("x", "x", 3, step=8)
    labelled = dataclasses.replace(marked, truth=None)
    assert np.sum(marked.rows.labels) > 3
    ends = [(frame, frame) for frame in marked.truth.push_off_frames]
    assert known_push_offs(marked) == known_push_offs(labelled) == ends


def test_one_labelled_frame_of_a_push_off_is_no_measure_of_its_time():
    """At 240/s it may be any of the contact's last four: an event at any of them is right, and none
    of them is late."""
    truth = known(9, step=8)
    labels = {frame - 3: 1 for frame in truth.push_off_frames}
    video = labelled_video("x", "x", video_of(truth), labels, 0, None)
    assert known_push_offs(video) == [(frame - 3, frame) for frame in truth.push_off_frames]
    found = {"x": [event(frame) for frame in truth.push_off_frames]}
    assert fit_timing(found, [video]) == (0.0, DEFAULT_SPREAD_MS)
    assert fit_confidence(found, [video]).apply(0.9) > 0.8
