from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from pushoff.events.drill.explanations import push_offs
from pushoff.events.drill.sequence import classify_sequence, edit_distance
from pushoff.values import Exercise
from tests.unit.events.drills import (
    HOP_STEPS,
    any_events,
    distance_to_legal,
    drills,
    quick,
    read,
    text,
)


@quick
@given(drills(shortest=8), st.data())
def test_one_unclear_wrong_foot_is_corrected(drill, data):
    """In eight push-offs one foot that looks wrong, but not clearly, is put right."""
    exercise, feet = drill
    at = data.draw(st.integers(0, len(feet) - 1))
    wrong = {"L": "r", "R": "l"}[feet[at]]
    reading = read(feet[:at] + wrong + feet[at + 1 :])
    assert feet == text(reading.corrected)
    assert (at,) == reading.changed
    assert exercise in reading.candidates


@quick
@given(drills(shortest=6), st.data())
def test_one_unclear_wrong_foot_hides_no_exercise(drill, data):
    """In six, where the wrong foot can make another drill of it, the true one stays possible."""
    exercise, feet = drill
    at = data.draw(st.integers(0, len(feet) - 1))
    wrong = {"L": "r", "R": "l"}[feet[at]]
    assert exercise in read(feet[:at] + wrong + feet[at + 1 :]).candidates


@quick
@given(drills(shortest=7), st.data())
def test_one_missed_push_off(drill, data):
    """A push-off overlooked inside a drill is noticed by its interval: the drill stays possible."""
    exercise, feet = drill
    at = data.draw(st.integers(1, len(feet) - 2))
    intervals = [0.5] * len(feet)
    intervals[at - 1] = 1.02
    reading = read(feet[:at] + feet[at + 1 :], intervals)
    assert exercise in reading.candidates
    if reading.exercise is exercise:
        assert (at, feet) == (reading.missing_at, text(reading.corrected))
        assert 1 == reading.edits


def test_a_missed_push_off_is_shown_in_brackets():
    """The one that was put in is marked, and the reason says where."""
    reading = read("LLRLLRR", [0.5, 0.5, 1.0, 0.5, 0.5, 0.5])
    assert "L,L,R,(R),L,L,R,R" == reading.corrected_text
    assert "after push-off 3" in reading.reason
    assert HOP_STEPS is reading.exercise


@quick
@given(any_events)
def test_correction_never_leads_away_from_the_drills(push_offs):
    """What is corrected is no further from a legal order than what was seen; clear feet stay."""
    reading = classify_sequence(push_offs)
    assert len(push_offs) == len(reading.feet) == len(reading.approach) + len(reading.drill)
    assert edit_distance(reading.seen, reading.corrected) == reading.edits
    assert 0 <= reading.confidence <= 1
    if len(reading.seen) >= 2:
        assert distance_to_legal(text(reading.corrected)) <= distance_to_legal(text(reading.seen))
    for event, foot in zip(push_offs, reading.feet, strict=True):
        assert foot is not None or event.foot is None


def test_unclear_feet_are_not_made_up():
    """Where nobody saw a foot and the drills do not tell, it stays unknown."""
    reading = read("????")
    assert (None,) * 4 == reading.corrected
    assert "not clear enough" in reading.reason


def test_a_hidden_foot_is_filled_in_where_the_drill_tells():
    """A foot nobody saw is read from the drill round about it."""
    reading = read("LLR?LLRR")
    assert ("LLRRLLRR", (3,)) == (text(reading.corrected), reading.changed)
    assert "push-off 4 is read as right" in reading.reason.lower()


@given(st.text("LR?", max_size=7), st.text("LR?", max_size=7))
def test_edit_distance(a, b):
    """It is a distance: zero for equals only, the same both ways, no more than the longer."""
    distance = edit_distance(a, b)
    assert edit_distance(b, a) == distance
    assert (distance == 0) == (a == b)
    assert abs(len(a) - len(b)) <= distance <= max(len(a), len(b))


def test_edit_distance_of_words():
    """The textbook's example."""
    assert 3 == edit_distance("kitten", "sitting")


@quick
@given(st.text("LRlr?", min_size=1, max_size=9), st.sampled_from(Exercise))
def test_feet_mostly_unclear_are_left_alone(feet, asked):
    """With more than half of the feet unclear no exercise is named, no foot corrected, none asked
    for is judged, and the sentence counts the unclear ones; with half of them it is read on."""
    unclear = sum(foot in "lr?" for foot in feet)
    reading = read(feet, asked=asked)
    says = f"The feet of {unclear} of the {push_offs(len(feet))} are not clear enough"
    if 2 * unclear <= len(feet):
        assert says not in reading.reason
        return
    assert says in reading.reason and "look at the pictures" in reading.reason
    assert (None, (), 0.0) == (reading.exercise, reading.candidates, reading.confidence)
    assert ((), None, reading.seen) == (reading.changed, reading.missing_at, reading.corrected)
    assert reading.fits_asked is None and reading.resembles_triple_jump is None


@quick
@given(any_events, st.lists(st.floats(0, 0.499), min_size=9, max_size=9), st.data())
def test_possible_push_offs_change_no_reading(push_offs, unlikely, data):
    """However many events of less than one half stand among the others, the reading of these is
    the one without them."""
    kept = data.draw(st.lists(st.booleans(), min_size=len(push_offs), max_size=len(push_offs)))
    mixed = [
        event if keep else replace(event, probability=low)
        for event, keep, low in zip(push_offs, kept, unlikely, strict=False)
    ]
    counted = [event for event, keep in zip(push_offs, kept, strict=True) if keep]
    reading, alone = classify_sequence(mixed), classify_sequence(counted)
    for name in ("seen", "corrected", "candidates", "reason", "triple_reason", "confidence"):
        assert getattr(reading, name) == getattr(alone, name)
    places = sorted((*reading.approach, *reading.drill, *reading.possible))
    assert list(range(len(mixed))) == places
    assert all(reading.feet[i] is mixed[i].foot for i in reading.possible)
