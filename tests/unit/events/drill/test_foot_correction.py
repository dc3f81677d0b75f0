from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from pushoff.events.drill.explanations import unclear_feet_reason
from pushoff.events.drill.sequence import classify_sequence, edit_distance
from pushoff.values import Exercise
from tests.unit.events.drills import (
    HOP_STEPS,
    any_events,
    classify,
    distance_to_legal,
    drills,
    quick,
    text,
)


@quick
@given(drills(shortest=8), st.data())
def test_one_unclear_wrong_foot_is_corrected(drill, data):
    """Of eight push-offs one wrong but unclear foot is corrected."""
    exercise, feet = drill
    at = data.draw(st.integers(0, len(feet) - 1))
    wrong = {"L": "r", "R": "l"}[feet[at]]
    result = classify(feet[:at] + wrong + feet[at + 1 :])
    assert feet == text(result.corrected)
    assert (at,) == result.changed
    assert exercise in result.candidates


@quick
@given(drills(shortest=6), st.data())
def test_one_unclear_wrong_foot_hides_no_exercise(drill, data):
    """Of six, where a wrong foot can make another exercise, the true one stays a candidate."""
    exercise, feet = drill
    at = data.draw(st.integers(0, len(feet) - 1))
    wrong = {"L": "r", "R": "l"}[feet[at]]
    assert exercise in classify(feet[:at] + wrong + feet[at + 1 :]).candidates


@quick
@given(drills(shortest=7), st.data())
def test_one_missed_push_off(drill, data):
    """A push-off missed inside a drill shows in its interval: the exercise stays a candidate."""
    exercise, feet = drill
    at = data.draw(st.integers(1, len(feet) - 2))
    intervals = [0.5] * len(feet)
    intervals[at - 1] = 1.02
    result = classify(feet[:at] + feet[at + 1 :], intervals)
    assert exercise in result.candidates
    if result.exercise is exercise:
        assert (at, feet) == (result.missing_at, text(result.corrected))
        assert 1 == edit_distance(result.detected, result.corrected)


def test_a_missed_push_off_is_in_parentheses():
    """The inserted push-off is marked, and the reason says where."""
    result = classify("LLRLLRR", [0.5, 0.5, 1.0, 0.5, 0.5, 0.5])
    assert "L,L,R,(R),L,L,R,R" == result.corrected_text
    assert "after push-off 3" in result.reason
    assert HOP_STEPS is result.exercise


@quick
@given(any_events)
def test_correction_never_leads_away_from_the_drills(push_offs):
    """The corrected feet are no further from an exercise than the detected ones."""
    result = classify_sequence(push_offs)
    assert len(push_offs) == len(result.feet) == len(result.approach) + len(result.drill)
    assert 0 <= result.confidence <= 1
    if len(result.detected) >= 2:
        before, after = text(result.detected), text(result.corrected)
        assert distance_to_legal(after) <= distance_to_legal(before)
    for event, foot in zip(push_offs, result.feet, strict=True):
        assert foot is not None or event.foot is None


def test_unknown_feet_stay_unknown():
    """A foot that was not detected stays unknown where the exercises do not determine it."""
    result = classify("????")
    assert (None,) * 4 == result.corrected
    assert "not clear enough" in result.reason


def test_an_unknown_foot_is_filled_in():
    """A foot that was not detected is filled in where the exercise determines it."""
    result = classify("LLR?LLRR")
    assert ("LLRRLLRR", (3,)) == (text(result.corrected), result.changed)
    assert "Push-off 4 was changed to right" in result.reason


@given(st.text("LR?", max_size=7), st.text("LR?", max_size=7))
def test_edit_distance(a, b):
    """It is a distance: zero for equals only, symmetric, no more than the longer length."""
    distance = edit_distance(a, b)
    assert edit_distance(b, a) == distance
    assert (distance == 0) == (a == b)
    assert abs(len(a) - len(b)) <= distance <= max(len(a), len(b))


def test_edit_distance_of_words():
    """The textbook's example."""
    assert 3 == edit_distance("kitten", "sitting")


@quick
@given(st.text("LRlr?", min_size=1, max_size=9), st.sampled_from(Exercise))
def test_mostly_unclear_feet_are_not_corrected(feet, requested):
    """With more than half of the feet unclear no exercise is named, no foot corrected, a request
    not judged, and the reason counts the unclear feet; with half of them all this is done."""
    unclear = sum(foot in "lr?" for foot in feet)
    result = classify(feet, requested=requested)
    reason = unclear_feet_reason(unclear, len(feet))
    if 2 * unclear <= len(feet):
        assert reason not in result.reason
        return
    assert reason in result.reason
    assert (None, (), 0.0) == (result.exercise, result.candidates, result.confidence)
    assert ((), None, result.detected) == (result.changed, result.missing_at, result.corrected)
    assert result.fits_request is None and result.resembles_triple_jump is None


@quick
@given(any_events, st.lists(st.floats(0, 0.499), min_size=9, max_size=9), st.data())
def test_possible_push_offs_do_not_change_the_result(push_offs, unlikely, data):
    """However many events below one half are among the others, the result for these is the one
    without them."""
    kept = data.draw(st.lists(st.booleans(), min_size=len(push_offs), max_size=len(push_offs)))
    mixed = [
        event if keep else replace(event, probability=low)
        for event, keep, low in zip(push_offs, kept, unlikely, strict=False)
    ]
    counted = [event for event, keep in zip(push_offs, kept, strict=True) if keep]
    result, alone = classify_sequence(mixed), classify_sequence(counted)
    for name in ("detected", "corrected", "candidates", "reason", "triple_reason", "confidence"):
        assert getattr(result, name) == getattr(alone, name)
    indices = sorted((*result.approach, *result.drill, *result.possible))
    assert list(range(len(mixed))) == indices
    assert all(result.feet[i] is mixed[i].foot for i in result.possible)
