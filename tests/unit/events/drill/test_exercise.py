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
def test_four_push_offs_decide_the_exercise(exercise, codes):
    """Three transitions from an unknown phase belong to one exercise only."""
    assert codes == codes_of(exercise, 4)


def test_a_single_triple_has_three_push_offs():
    """One triple jump shows a hop and a step; R,L,L is its other order."""
    assert {"SA", "AS", "AA"} == codes_of(Exercise.TRIPLE, 3)


@given(st.sampled_from(list(Foot)), st.text("SA", max_size=12))
def test_walk_and_transitions_are_inverse(first, codes):
    """Feet made from transitions have those transitions."""
    walked = walk(first, codes)
    assert walked[0] is first
    assert tuple(codes) == transitions(walked)


def test_an_unknown_foot_hides_two_transitions():
    """A transition needs both its feet."""
    assert ("S", None, None, "A") == transitions(feet("LL?LR"))


@quick
@given(st.lists(st.floats(0, 1), min_size=2, max_size=9), st.booleans())
def test_probabilities_sum_to_one(left, after_approach):
    """The probabilities of exercises and no exercise sum to one, and so do those of paths."""
    result = fit(left, after_approach=after_approach)
    assert 1 == pytest.approx(sum(result.exercises.values()) + result.no_drill)
    assert 1 == pytest.approx(sum(path.posterior for path in result.paths) + result.no_drill)
    assert result.no_drill_as_detected <= result.no_drill
    assert all(len(path.feet) == len(left) for path in result.paths)


def test_a_path_with_a_missed_push_off():
    """The missed push-off is in the feet, not in the detected ones."""
    result = fit([0.99, 0.99, 0.01, 0.99, 0.99, 0.01, 0.01], missing={3: 0.7})
    best = result.paths[0]
    assert (3, feet("LLRRLLRR"), feet("LLRLLRR")) == (best.missing_at, best.feet, best.detected)


def test_an_approach_determines_the_phase():
    """After an approach L,L,R is a triple jump rather than 2 Hops 2 Steps cut off at the start."""
    left = [0.98, 0.98, 0.02]
    alone, after = fit(left).exercises, fit(left, after_approach=True).exercises
    assert after[Exercise.TRIPLE] > alone[Exercise.TRIPLE]
    assert after[Exercise.TWO_HOPS_TWO_STEPS] < alone[Exercise.TWO_HOPS_TWO_STEPS]


def test_a_very_long_drill():
    """Thousands of push-offs do not underflow."""
    assert fit([0.9] * 3000).exercises[Exercise.HOPS] == pytest.approx(1)


def test_feet_of_no_exercise():
    """For clear feet in no exercise's order, none of them is more likely than any path."""
    result = fit([0.99, 0.99, 0.99, 0.01, 0.01, 0.01])
    assert result.no_drill > 0.5
    assert result.no_drill_as_detected > result.paths[0].posterior
