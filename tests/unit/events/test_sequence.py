import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pushoff.errors import BadInput
from pushoff.events.exercise import TEMPLATES, transitions, walk, windows
from pushoff.events.sequence import edit_distance, letters, read_sequence
from pushoff.events.values import Foot, PushOffEvent
from pushoff.values import Exercise

HOPS, STEPS, HOP_STEPS = Exercise.HOPS, Exercise.STEPS, Exercise.HOP_STEPS
TWO, TRIPLE = Exercise.TWO_HOPS_TWO_STEPS, Exercise.TRIPLE
LEFT_PROBABILITY = {"L": 0.95, "R": 0.05, "l": 0.6, "r": 0.4, "?": 0.5}
quick = settings(max_examples=60, deadline=None)


def events(feet, intervals_s=0.55, approach=()):
    """Push-offs seen as `L`, `R`, unclear `l`, `r` or `?`; intervals in seconds, one or each."""
    if isinstance(intervals_s, float):
        intervals_s = [intervals_s] * len(feet)
    found, time_s = [], 1.0
    for i, foot in enumerate(feet):
        found.append(
            PushOffEvent(
                frame=round(time_s * 240),
                time_s=time_s,
                probability=0.9,
                left_probability=LEFT_PROBABILITY[foot],
                approach_probability=approach[i] if approach else 0.0,
            )
        )
        time_s += intervals_s[i] if i < len(intervals_s) else 0.55
    return found


def read(feet, *args, asked=None):
    return read_sequence(events(feet, *args), asked)


def text(feet):
    return letters(feet).replace(",", "")


def mirrored(push_offs):
    return [replace(event, left_probability=1 - event.left_probability) for event in push_offs]


def legal(length):
    """Every order of feet that some drill can show, as text."""
    return {
        text(walk(first, codes))
        for template in TEMPLATES
        for _, codes in windows(template, length)
        for first in Foot
    }


def distance_to_legal(feet):
    lengths = range(max(2, len(feet) - 1), len(feet) + 2)
    return min(edit_distance(feet, other) for length in lengths for other in legal(length))


@st.composite
def drills(draw, shortest=4, longest=9):
    """(exercise, feet): any stretch of any repeated drill of the article."""
    drill = draw(st.sampled_from([t for t in TEMPLATES[:4]]))
    _, codes = draw(st.sampled_from(list(windows(drill, draw(st.integers(shortest, longest))))))
    return drill.exercise, text(walk(draw(st.sampled_from(list(Foot))), codes))


any_events = st.lists(
    st.tuples(
        st.sampled_from([0.01, 0.2, 0.4, 0.5, 0.6, 0.75, 0.9, 1.0]),
        st.sampled_from([0.23, 0.5, 0.55, 0.6, 1.1]),
        st.sampled_from([0.0, 0.2, 0.9]),
    ),
    max_size=9,
).map(
    lambda rows: [
        PushOffEvent(
            round(240 * sum(row[1] for row in rows[:i])),
            sum(row[1] for row in rows[:i]),
            0.9,
            left,
            approach,
        )
        for i, (left, _, approach) in enumerate(rows)
    ]
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
def test_mirror(push_offs):
    """A mirrored film has mirrored feet and the same exercise, jump and confidence."""
    one, other = read_sequence(push_offs), read_sequence(mirrored(push_offs))
    flip = {Foot.LEFT: Foot.RIGHT, Foot.RIGHT: Foot.LEFT, None: None}
    for name in ("seen", "corrected", "feet"):
        assert tuple(flip[foot] for foot in getattr(one, name)) == getattr(other, name)
    for name in ("approach", "drill", "transitions", "changed", "edits", "cyclic", "missing_at"):
        assert getattr(one, name) == getattr(other, name)
    assert one.verdict == other.verdict
    assert one.resembles_triple_jump == other.resembles_triple_jump
    assert math.isclose(one.confidence, other.confidence, abs_tol=1e-9)


@quick
@given(any_events)
def test_correction_never_leads_away_from_the_drills(push_offs):
    """What is corrected is no further from a legal order than what was seen; clear feet stay."""
    reading = read_sequence(push_offs)
    assert len(push_offs) == len(reading.feet) == len(reading.approach) + len(reading.drill)
    assert edit_distance(reading.seen, reading.corrected) == reading.edits
    assert 0 <= reading.confidence <= 1
    if len(reading.seen) >= 2:
        assert distance_to_legal(text(reading.corrected)) <= distance_to_legal(text(reading.seen))
    for event, foot in zip(push_offs, reading.feet, strict=True):
        assert foot is not None or event.foot is None


@quick
@given(any_events, st.floats(0, 100))
def test_shifting_the_film_changes_nothing(push_offs, shift_s):
    """When the film starts has no say in what was done in it."""
    shift_s = round(shift_s * 240) / 240
    later = [
        replace(event, frame=event.frame + round(shift_s * 240), time_s=event.time_s + shift_s)
        for event in push_offs
    ]
    one, other = read_sequence(push_offs), read_sequence(later)
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
    """A film of running steps has no drill, and says so; its feet are still given."""
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


@pytest.mark.parametrize("change", [{"left_probability": 1.2}, {"approach_probability": math.nan}])
def test_no_probability(change):
    """What is not a probability is refused, with its frame."""
    with pytest.raises(BadInput, match="frame 240"):
        read_sequence([replace(events("L")[0], **change)])


def test_out_of_order():
    """Events out of order are refused, with what to do."""
    with pytest.raises(BadInput, match="sort them"):
        read_sequence(events("LR")[::-1])


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


def test_two_hops_two_steps_as_the_article_writes_it():
    """L,L,L,R,L,L,L is two hops, two steps, two hops."""
    assert ("S", "S", "A", "A", "S", "S") == transitions(read("LLLRLLL").seen)
