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
    drills,
    events,
    mirrored,
    quick,
    read,
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
def test_the_drills_of_the_article(feet, verdict):
    """Each drill is named from four push-offs on; with three the answer says what it can be."""
    reading = read(feet)
    assert verdict == reading.verdict
    assert (feet, (), 0) == (text(reading.corrected), reading.changed, reading.edits)


def test_what_a_reading_carries():
    """Feet as seen, transitions and text are there as a coach writes them."""
    reading = read("L?RR")
    assert (Foot.LEFT, None, Foot.RIGHT, Foot.RIGHT) == reading.seen
    assert (None, None, "same") == reading.transitions
    assert "L,?,R,R" == reading.text
    assert 0 < reading.confidence < 1


@pytest.mark.parametrize(
    ("feet", "said"), [("", "No push-off"), ("L", "Only 1"), ("LL", "too few")]
)
def test_too_few_push_offs(feet, said):
    """With fewer than three push-offs no exercise is named and no triple jump judged."""
    reading = read(feet)
    assert reading.exercise is None
    assert reading.resembles_triple_jump is None
    assert said in reading.reason
    assert len(feet) == len(reading.feet)


@quick
@given(drills())
def test_a_legal_stretch_is_recognised(drill):
    """Four or more clear feet of a drill, from any phase, name it and are left alone."""
    exercise, feet = drill
    reading = read(feet)
    assert exercise is reading.exercise
    assert feet == text(reading.corrected)
    assert not reading.changed


@quick
@given(drills(shortest=2), st.integers(0, 7), st.integers(2, 9))
def test_a_truncated_view_keeps_the_exercise(drill, start, length):
    """Whatever part of a drill the camera sees, the true exercise stays possible."""
    exercise, feet = drill
    seen = feet[start : start + length]
    if len(seen) >= 2:
        assert exercise in read(seen).candidates


@quick
@given(any_events)
def test_mirror(push_offs):
    """A mirrored video has mirrored feet and the same exercise, jump and confidence."""
    one, other = classify_sequence(push_offs), classify_sequence(mirrored(push_offs))
    flip = {Foot.LEFT: Foot.RIGHT, Foot.RIGHT: Foot.LEFT, None: None}
    for name in ("seen", "corrected", "feet"):
        assert tuple(flip[foot] for foot in getattr(one, name)) == getattr(other, name)
    for name in ("approach", "drill", "transitions", "changed", "edits", "cyclic", "missing_at"):
        assert getattr(one, name) == getattr(other, name)
    assert one.verdict == other.verdict
    assert one.resembles_triple_jump == other.resembles_triple_jump
    assert math.isclose(one.confidence, other.confidence, abs_tol=1e-9)


@quick
@given(any_events, st.floats(0, 100))
def test_shifting_the_video_changes_nothing(push_offs, shift_s):
    """When the video starts has no say in what was done in it."""
    shift_s = round(shift_s * 240) / 240
    later = [
        replace(event, frame=event.frame + round(shift_s * 240), time_s=event.time_s + shift_s)
        for event in push_offs
    ]
    one, other = classify_sequence(push_offs), classify_sequence(later)
    assert (one.feet, one.candidates, one.approach) == (
        other.feet,
        other.candidates,
        other.approach,
    )


@pytest.mark.parametrize(
    ("feet", "resembles", "said"),
    [
        ("LLR", True, "hop on the same foot"),
        ("RRL", True, "hop on the same foot"),
        ("RLL", False, "begun at another foot"),
        ("LRL", False, "not a hop"),
        ("LLRR", False, "3 push-offs"),
        ("l?r", None, "not clear enough"),
        ("LRLRLLR", None, "first 4 push-offs are running steps"),
    ],
)
def test_resembles_a_triple_jump(feet, resembles, said):
    """Only hop then step does; what the feet cannot tell stays open; the reason is in words."""
    reading = read(feet)
    assert resembles is reading.resembles_triple_jump
    assert said in reading.triple_reason


def test_three_with_a_long_gap_may_not_be_all():
    """Where a push-off may be missing between three, the jump is not judged."""
    assert read("LLR", [1.0, 0.5]).resembles_triple_jump is None


@pytest.mark.parametrize(
    ("intervals", "approach"),
    [([0.23, 0.22, 0.23, 0.22, 0.6, 0.55], ()), (0.55, (0.9, 0.8, 0.3, 0.9, 0.1, 0.1, 0.1))],
)
def test_an_approach_is_told_apart(intervals, approach):
    """By its short steps, or by the model's word: what follows is a triple jump."""
    reading = read("RLRLRRL", intervals, approach)
    assert ((0, 1, 2, 3), (4, 5, 6)) == (reading.approach, reading.drill)
    assert "R,R,L" == reading.text
    assert reading.resembles_triple_jump
    assert TRIPLE is reading.candidates[0]
    assert "approach" in reading.reason


def test_only_running():
    """A video of running steps has no drill, and says so; its feet are still given."""
    reading = read("LRLRLR", 0.233)
    assert ((), 6, "unknown") == (reading.drill, len(reading.approach), reading.verdict)
    assert "LRLRLR" == text(reading.feet)
    assert "running steps" in reading.reason


def test_a_run_out_is_no_drill():
    """Running steps after the drill are told apart too."""
    reading = read("LLRRLRLR", [0.55, 0.55, 0.55, 0.6, 0.24, 0.24, 0.24])
    assert ((4, 5, 6, 7), HOP_STEPS) == (reading.approach, reading.exercise)


@pytest.mark.parametrize(
    ("feet", "asked", "fits"),
    [
        ("LLRR", HOP_STEPS, True),
        ("LLRR", TRIPLE, False),
        ("LLR", TRIPLE, True),
        ("RLL", TRIPLE, True),
        ("LLRL", TRIPLE, True),  # a repeated Triple, which by itself is read as 2 Hops 2 Steps
        ("LLLRRR", HOPS, False),
        ("L", HOPS, None),
        ("LLRR", None, None),
    ],
)
def test_what_the_coach_asked_for(feet, asked, fits):
    """Whether it fits is said, and the reading itself does not bend to it."""
    reading = read(feet, asked=asked)
    assert fits is reading.fits_asked
    assert read(feet).candidates == reading.candidates
    assert ("asked for" in reading.reason) is (asked is not None)


@pytest.mark.parametrize("change", [{"left_probability": 1.2}, {"approach_probability": math.nan}])
def test_no_probability(change):
    """What is not a probability is refused, with its frame."""
    with pytest.raises(BadInput, match="frame 240"):
        classify_sequence([replace(events("L")[0], **change)])


def test_out_of_order():
    """Events out of order are refused, with what to do."""
    with pytest.raises(BadInput, match="sort them"):
        classify_sequence(events("LR")[::-1])


def test_two_hops_two_steps_as_the_article_writes_it():
    """L,L,L,R,L,L,L is two hops, two steps, two hops."""
    assert ("S", "S", "A", "A", "S", "S") == transitions(read("LLLRLLL").seen)
