import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushoff.errors import BadInput
from pushoff.events.drill.exercise import transitions
from pushoff.events.drill.sequence import classify_sequence
from pushoff.events.values import Foot
from tests.unit.events.drills import (
    HOP_STEPS,
    HOPS,
    TRIPLE,
    any_events,
    classify,
    drills,
    events,
    mirrored,
    quick,
    text,
)


@pytest.mark.parametrize(
    ("feet", "verdict"),
    [
        ("LLLLL", "Hops"),
        ("RRRR", "Hops"),
        ("LRLR", "Steps"),
        ("LLRRLLRR", "Hop-Steps"),
        ("LRRL", "Hop-Steps"),
        ("LLLRLLL", "2 Hops 2 Steps"),
        ("RRRLRRR", "2 Hops 2 Steps"),
        ("LRRR", "2 Hops 2 Steps"),
        ("LLR", "ambiguous: Triple, Hop-Steps or 2 Hops 2 Steps"),
        ("RLL", "ambiguous: Hop-Steps, Triple (cyclic) or 2 Hops 2 Steps"),
        ("LLL", "ambiguous: Hops or 2 Hops 2 Steps"),
        ("LRL", "ambiguous: Steps or 2 Hops 2 Steps"),
        ("LLRLLR", "Triple (cyclic)"),
        ("RLLRLLR", "Triple (cyclic)"),
        ("LLLRRR", "unknown"),
    ],
)
def test_the_exercises_of_the_article(feet, verdict):
    """Each exercise is named from four push-offs on; with three the verdict lists candidates."""
    result = classify(feet)
    assert verdict == result.verdict
    assert (feet, ()) == (text(result.corrected), result.changed)
    assert result.detected == result.corrected


def test_detected_feet():
    """Detected feet, transitions and text are as a coach writes them."""
    result = classify("L?RR")
    assert (Foot.LEFT, None, Foot.RIGHT, Foot.RIGHT) == result.detected
    assert (None, None, "same") == result.transitions
    assert "L,?,R,R" == result.text
    assert 0 < result.confidence < 1


@pytest.mark.parametrize(
    ("feet", "reason"), [("", "No push-off"), ("L", "Only 1"), ("LL", "too few")]
)
def test_too_few_push_offs(feet, reason):
    """With fewer than three push-offs no exercise is named and no triple jump judged."""
    result = classify(feet)
    assert result.exercise is None
    assert result.resembles_triple_jump is None
    assert reason in result.reason
    assert len(feet) == len(result.feet)


@quick
@given(drills())
def test_any_part_of_an_exercise_is_recognised(drill):
    """Four or more clear feet of an exercise, from any phase, name it and are not changed."""
    exercise, feet = drill
    result = classify(feet)
    assert exercise is result.exercise
    assert feet == text(result.corrected)
    assert not result.changed


@quick
@given(drills(shortest=2), st.integers(0, 7), st.integers(2, 9))
def test_a_truncated_view_keeps_the_exercise(drill, start, length):
    """Whatever part of a drill is in view, the true exercise stays a candidate."""
    exercise, feet = drill
    seen = feet[start : start + length]
    if len(seen) >= 2:
        assert exercise in classify(seen).candidates


@quick
@given(any_events)
def test_mirror(push_offs):
    """A mirrored video has mirrored feet and the same exercise, jump and confidence."""
    result, other = classify_sequence(push_offs), classify_sequence(mirrored(push_offs))
    flip = {Foot.LEFT: Foot.RIGHT, Foot.RIGHT: Foot.LEFT, None: None}
    for name in ("detected", "corrected", "feet"):
        assert tuple(flip[foot] for foot in getattr(result, name)) == getattr(other, name)
    for name in ("approach", "drill", "transitions", "changed", "cyclic", "missing_at"):
        assert getattr(result, name) == getattr(other, name)
    assert result.verdict == other.verdict
    assert result.resembles_triple_jump == other.resembles_triple_jump
    assert math.isclose(result.confidence, other.confidence, abs_tol=1e-9)


@quick
@given(any_events, st.floats(0, 100))
def test_shifting_the_video_changes_nothing(push_offs, shift_s):
    """The result does not depend on when the video starts."""
    shift_s = round(shift_s * 240) / 240
    later = [
        replace(event, frame=event.frame + round(shift_s * 240), time_s=event.time_s + shift_s)
        for event in push_offs
    ]
    result, other = classify_sequence(push_offs), classify_sequence(later)
    assert (result.feet, result.candidates, result.approach) == (
        other.feet,
        other.candidates,
        other.approach,
    )


@pytest.mark.parametrize(
    ("feet", "resembles", "reason"),
    [
        ("LLR", True, "hop (same foot)"),
        ("RRL", True, "hop (same foot)"),
        ("RLL", False, "starts with a step"),
        ("LRL", False, "not a hop"),
        ("LLRR", False, "3 push-offs"),
        ("l?r", None, "not clear enough"),
        ("LRLRLLR", None, "first 4 push-offs are running steps"),
    ],
)
def test_resembles_a_triple_jump(feet, resembles, reason):
    """Only a hop and then a step does; unclear feet leave it unknown; a sentence says why."""
    result = classify(feet)
    assert resembles is result.resembles_triple_jump
    assert reason in result.triple_reason


def test_a_long_interval_between_three_push_offs():
    """Where a push-off may be missing between three, a triple jump is neither yes nor no."""
    assert classify("LLR", [1.0, 0.5]).resembles_triple_jump is None


@pytest.mark.parametrize(
    ("intervals", "approach"),
    [([0.23, 0.22, 0.23, 0.22, 0.6, 0.55], ()), (0.55, (0.9, 0.8, 0.3, 0.9, 0.1, 0.1, 0.1))],
)
def test_an_approach_is_not_part_of_the_drill(intervals, approach):
    """Recognised by its short steps or by the model; a triple jump follows."""
    result = classify("RLRLRRL", intervals, approach)
    assert ((0, 1, 2, 3), (4, 5, 6)) == (result.approach, result.drill)
    assert "R,R,L" == result.text
    assert result.resembles_triple_jump
    assert TRIPLE is result.candidates[0]
    assert "Running steps before it" in result.reason


def test_only_running():
    """A video of running steps has no drill, and a reason says so; it still has feet."""
    result = classify("LRLRLR", 0.233)
    assert ((), 6, "unknown") == (result.drill, len(result.approach), result.verdict)
    assert "LRLRLR" == text(result.feet)
    assert "running steps" in result.reason


def test_a_run_out_is_not_part_of_the_drill():
    """Running steps after the drill are recognised too."""
    result = classify("LLRRLRLR", [0.55, 0.55, 0.55, 0.6, 0.24, 0.24, 0.24])
    assert ((4, 5, 6, 7), HOP_STEPS) == (result.approach, result.exercise)


@pytest.mark.parametrize(
    ("feet", "requested", "fits"),
    [
        ("LLRR", HOP_STEPS, True),
        ("LLRR", TRIPLE, False),
        ("LLR", TRIPLE, True),
        ("RLL", TRIPLE, True),
        (
            "LLRL",
            TRIPLE,
            True,
        ),  # a repeated Triple; classified as 2 Hops 2 Steps
        ("LLLRRR", HOPS, False),
        ("L", HOPS, None),
        ("LLRR", None, None),
    ],
)
def test_a_requested_exercise(feet, requested, fits):
    """The result says whether it fits, and does not depend on it otherwise."""
    result = classify(feet, requested=requested)
    assert fits is result.fits_request
    assert classify(feet).candidates == result.candidates
    assert ("selected exercise" in result.reason) is (requested is not None)


@pytest.mark.parametrize("change", [{"left_probability": 1.2}, {"approach_probability": math.nan}])
def test_invalid_probability(change):
    """A value that is not a probability is refused, with its frame."""
    with pytest.raises(BadInput, match="frame 240") as refused:
        classify_sequence([replace(events("L")[0], **change)])
    assert refused.value.code == "invalid_probability"


def test_out_of_order():
    """Events out of order are refused."""
    with pytest.raises(BadInput) as refused:
        classify_sequence(events("LR")[::-1])
    assert refused.value.code == "unsorted_events"


def test_two_hops_two_steps_as_the_article_writes_it():
    """L,L,L,R,L,L,L is two hops, two steps, two hops."""
    assert ("S", "S", "A", "A", "S", "S") == transitions(classify("LLLRLLL").detected)
