import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pushoff.events.values import PushOffEvent
from pushoff.learning.heads.training import (
    estimate_timing,
    fit_confidence,
    train_and_evaluate,
    with_corrected_feet,
)
from tests.unit.learning.event_samples import CONFIG, known, known_videos, small_extractor

quick = settings(max_examples=40, deadline=None)
TRUTH = known(4)
FEW = dataclasses.replace(CONFIG, fit=dataclasses.replace(CONFIG.fit, steps=12))


@pytest.fixture(scope="module")
def extractor():
    return small_extractor()


def event(frame, probability=0.9, left=0.9):
    return PushOffEvent(frame, frame / 30, probability, left)


def test_a_model_is_scored_on_held_out_videos(extractor):
    """Every push-off is found while held out, and the score is in the settings."""
    reports = []
    event_model, score = train_and_evaluate(
        extractor,
        known_videos(["a", "a", "b"]),
        CONFIG,
        tolerance_frames=1,
        on_progress=reports.append,
    )
    assert (1.0, 3) == (score.f1, len(score.clips))
    assert score.as_dict() == event_model.settings.held_out
    assert "synthetic: 0.mp4, 1.mp4, 2.mp4" == event_model.settings.confidence.measured_on
    assert 3 == len(event_model.settings.trained_on)
    assert 0 < event_model.settings.spread_ms < 12
    assert ["fitting", "holding out", "holding out"] == [report.stage for report in reports]


@pytest.mark.parametrize("groups", [["a"], ["a", "a"]])
def test_one_athlete_gives_no_score(extractor, groups):
    """There is a model, and no held-out score."""
    event_model, score = train_and_evaluate(
        extractor, known_videos(groups), FEW, tolerance_frames=1
    )
    assert score is None
    assert {} == event_model.settings.held_out
    assert "" == event_model.settings.confidence.measured_on


def test_where_one_video_has_all_the_push_offs_nothing_is_held_out(extractor):
    """A video without push-offs does not stop the training."""
    videos = [known_videos(["a"])[0], *known_videos(["b"], count=0)]
    _, score = train_and_evaluate(extractor, videos, FEW, tolerance_frames=1)
    assert score is None


@quick
@given(by=st.integers(-1, 1), wrong=st.integers(0, 5))
def test_the_offset_corrects_a_constant_error(by, wrong):
    """A constant error is corrected almost wholly, and a few outliers do not change that."""
    truths = {str(i): known(9) for i in range(4)}
    found = {
        name: [event(frame + by) for frame in truth.push_off_frames]
        for name, truth in truths.items()
    }
    found["0"] = [event(0)] * wrong + found["0"][wrong:]
    offset_ms, spread_ms = estimate_timing(found, truths)
    assert 0.7 * abs(by) <= abs(offset_ms) * 30 / 1000 <= abs(by) and offset_ms * by <= 0
    assert 0 < spread_ms < 13


def test_without_a_known_rate_there_is_no_offset():
    """Slow motion of an unknown rate has no time; nor have events that were not found."""
    slow = dataclasses.replace(TRUTH, capture_known=False)
    late = {"x": [event(frame + 1) for frame in TRUTH.push_off_frames]}
    assert (0.0, 12.0) == estimate_timing(late, {"x": slow}) == estimate_timing({}, {"x": TRUTH})


@quick
@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=30))
def test_confidence_is_monotonic(outcomes):
    """Any mixture of correct and wrong events gives a rising curve of probabilities."""
    truth = dataclasses.replace(known(30), complete_to=10_000)
    events = [
        event(frame if right else frame + 5, clear)
        for frame, (clear, right) in zip(truth.push_off_frames, outcomes, strict=False)
    ]
    curve = fit_confidence({"x": events}, {"x": truth}, 1)
    assert 0 < curve.apply(0.2) <= curve.apply(0.8) < 1
    assert bool(outcomes) == bool(curve.measured_on)


def test_wrong_events_lower_the_confidence():
    """Thirty clear wrong events: the next is unlikely; thirty clear correct ones: likely."""
    truth = known(30)
    wrong, right = (
        fit_confidence(
            {"x": [event(frame + by, 0.9) for frame in truth.push_off_frames]}, {"x": truth}, 1
        )
        for by in (5, 0)
    )
    assert wrong.apply(0.9) < 0.4 < 0.8 < right.apply(0.9)


def test_feet_come_from_the_whole_sequence():
    """Frames and probabilities stay; the sequence's foot replaces the event's own."""
    lefts = (0.9, 0.1, 0.9, 0.55, 0.9, 0.1)
    events = [event(20 * i, left=left) for i, left in enumerate(lefts)]
    told = with_corrected_feet({"x": events})["x"]
    assert [one.frame for one in events] == [one.frame for one in told]
    assert "LRLRLR" == "".join(one.foot.letter for one in told)
    assert all(np.isfinite(one.left_probability) for one in told)
