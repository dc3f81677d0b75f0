"""Push-offs of drills, as text and as events, for tests."""

from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st

from pushoff.events.drill.exercise import TEMPLATES, walk, windows
from pushoff.events.drill.explanations import foot_letters
from pushoff.events.drill.sequence import classify_sequence, edit_distance
from pushoff.events.values import Foot, PushOffEvent
from pushoff.values import Exercise

HOPS, STEPS, HOP_STEPS = Exercise.HOPS, Exercise.STEPS, Exercise.HOP_STEPS
TWO, TRIPLE = Exercise.TWO_HOPS_TWO_STEPS, Exercise.TRIPLE
LEFT_PROBABILITY = {"L": 0.95, "R": 0.05, "l": 0.6, "r": 0.4, "?": 0.5}
quick = settings(max_examples=60, deadline=None)


def events(feet, intervals_s=0.55, approach=()):
    """Push-offs detected as `L`, `R`, unclear `l`, `r` or `?`; intervals in s, one or each."""
    if isinstance(intervals_s, float):
        intervals_s = [intervals_s] * len(feet)
    push_offs, time_s = [], 1.0
    for i, foot in enumerate(feet):
        push_offs.append(
            PushOffEvent(
                frame=round(time_s * 240),
                time_s=time_s,
                probability=0.9,
                left_probability=LEFT_PROBABILITY[foot],
                approach_probability=approach[i] if approach else 0.0,
            )
        )
        time_s += intervals_s[i] if i < len(intervals_s) else 0.55
    return push_offs


def classify(feet, *args, requested=None):
    return classify_sequence(events(feet, *args), requested)


def text(feet):
    return foot_letters(feet).replace(",", "")


def mirrored(push_offs):
    return [replace(event, left_probability=1 - event.left_probability) for event in push_offs]


def legal(length):
    """Every order of feet that some exercise can have, as text."""
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
    """(exercise, feet): any part of any repeated exercise of the article."""
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
