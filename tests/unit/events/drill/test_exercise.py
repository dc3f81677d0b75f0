import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pushoff.events.drill.exercise import TEMPLATES, fit, transitions, walk, windows
from pushoff.events.values import Foot
from pushoff.values import Exercise

quick = settings(max_examples=60, deadline=None)


def feet(text):
    return tuple({"L": Foot.LEFT, "R": Foot.RIGHT, "?": None}[letter] for letter in text)


def codes_of(exercise, push_offs):
    return {
        codes
        for template in TEMPLATES
        if template.exercise is exercise
        for _, codes in windows(template, push_offs)
    }


@pytest.mark.parametrize(
    ("exercise", "codes"),
    [
        (Exercise.HOPS, {"SSS"}),
        (Exercise.STEPS, {"AAA"}),
        (Exercise.HOP_STEPS, {"SAS", "ASA"}),
        (Exercise.TWO_HOPS_TWO_STEPS, {"SSA", "SAA", "AAS", "ASS"}),
    ],
)
def test_four_push_offs_tell_the_drills_apart(exercise, codes):
    """Three transitions from an unknown phase are those of one drill only."""
    assert codes == codes_of(exercise, 4)


def test_a_single_triple_is_three_push_offs():
    """One triple jump shows a hop and a step; R,L,L is its other order."""
    assert {"SA", "AS", "AA"} == codes_of(Exercise.TRIPLE, 3)


@given(st.sampled_from(list(Foot)), st.text("SA", max_size=12))
def test_walking_and_reading_are_inverse(first, codes):
    """The feet of some transitions have those transitions."""
    walked = walk(first, codes)
    assert walked[0] is first
    assert tuple(codes) == transitions(walked)


def test_an_unknown_foot_hides_two_transitions():
    """A transition needs both its feet."""
    assert ("S", None, None, "A") == transitions(feet("LL?LR"))


@quick
@given(st.lists(st.floats(0, 1), min_size=2, max_size=9), st.booleans())
def test_probabilities_sum_to_one(left, after_approach):
    """Exercises and no drill share one certainty, and so do the paths."""
    found = fit(left, after_approach=after_approach)
    assert 1 == pytest.approx(sum(found.exercises.values()) + found.no_drill)
    assert 1 == pytest.approx(sum(path.posterior for path in found.paths) + found.no_drill)
    assert found.as_seen <= found.no_drill
    assert all(len(path.feet) == len(left) for path in found.paths)


def test_a_path_with_a_missed_push_off():
    """The overlooked one is in the feet, not in those seen."""
    found = fit([0.99, 0.99, 0.01, 0.99, 0.99, 0.01, 0.01], missing={3: 0.7})
    best = found.paths[0]
    assert (3, feet("LLRRLLRR"), feet("LLRLLRR")) == (best.missing_at, best.feet, best.seen)


def test_an_approach_tells_the_first_phase():
    """After a run-up L,L,R is a triple jump rather than 2 Hops 2 Steps cut off at its start."""
    left = [0.98, 0.98, 0.02]
    alone, after = fit(left).exercises, fit(left, after_approach=True).exercises
    assert after[Exercise.TRIPLE] > alone[Exercise.TRIPLE]
    assert after[Exercise.TWO_HOPS_TWO_STEPS] < alone[Exercise.TWO_HOPS_TWO_STEPS]


def test_a_very_long_drill_is_still_weighed():
    """Thousands of push-offs do not run out of numbers."""
    assert fit([0.9] * 3000).exercises[Exercise.HOPS] == pytest.approx(1)


def test_feet_of_no_drill():
    """Clear feet in no drill's order are likelier no drill; as they looked, than any one path."""
    found = fit([0.99, 0.99, 0.99, 0.01, 0.01, 0.01])
    assert found.no_drill > 0.5
    assert found.as_seen > found.paths[0].posterior
