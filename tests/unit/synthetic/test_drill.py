from dataclasses import asdict, replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pushoff.errors import BadInput
from pushoff.synthetic.drill import (
    CONTACT_RANGE_S,
    FLIGHT_RANGE_S,
    LEAD_IN_CONTACTS,
    RUNNING_RANGE_S,
    DrillSpec,
    random_spec,
    sample_contacts,
)
from pushoff.values import Exercise

SAME, OTHER = True, False


def made(spec, seed=0):
    return sample_contacts(spec, np.random.default_rng(seed), 1.78)


@pytest.mark.parametrize(
    ("exercise", "expected"),
    [
        (Exercise.HOPS, (SAME,) * 5),
        (Exercise.STEPS, (OTHER,) * 5),
        (Exercise.HOP_STEPS, (SAME, OTHER, SAME, OTHER, SAME)),
        (Exercise.TWO_HOPS_TWO_STEPS, (SAME, SAME, OTHER, OTHER, SAME)),
        (Exercise.TRIPLE, (SAME, OTHER, OTHER, SAME, OTHER)),
    ],
)
@pytest.mark.parametrize("steps", [0, 3])
def test_feet_follow_the_exercise(exercise, expected, steps):
    """Each drill changes feet as the article defines it; the run before it changes every step."""
    spec = DrillSpec(exercise=exercise, push_offs=6, approach_steps=steps)
    seen = made(spec)[LEAD_IN_CONTACTS:-2]
    assert [one.approach for one in seen] == [True] * steps + [False] * 6
    feet = [one.foot for one in seen]
    pairs = [one == other for one, other in pairwise(feet)]
    assert (OTHER,) * steps + expected == tuple(pairs)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 100_000))
def test_times_are_those_of_athletes(seed):
    """Contact and flight times lie in the ranges of the literature, and nobody overlaps."""
    for one, after in pairwise(made(random_spec(seed))):
        contact, flight = one.up_s - one.down_s, after.down_s - one.up_s
        assert flight > 0
        for value, (low, high) in zip(
            (contact, flight),
            (RUNNING_RANGE_S,) * 2 if one.approach else (CONTACT_RANGE_S, FLIGHT_RANGE_S),
            strict=True,
        ):
            # 9.5 m/s asks for a little less contact than the range of a short athlete.
            assert low * 0.94 <= value <= high + 1e-9


def test_times_can_be_set():
    """Set contact and flight times are the means of the drill, whoever the athlete is."""
    spec = DrillSpec(push_offs=60, speed_m_s=5.5, contact_s=0.16, flight_s=0.4)
    drill = made(spec)[LEAD_IN_CONTACTS:-2]
    assert np.mean([one.up_s - one.down_s for one in drill]) == pytest.approx(0.16, rel=0.03)
    gaps = [b.down_s - a.up_s for a, b in pairwise(drill)]
    assert np.mean(gaps) == pytest.approx(0.4, rel=0.03)


def test_the_athlete_travels_at_the_speed():
    """Hips cover the spec's speed, less what braking costs, in approach and drill."""
    spec = DrillSpec(push_offs=6, approach_steps=6, speed_m_s=6.0, approach_speed_m_s=8.0)
    seen = made(spec)[LEAD_IN_CONTACTS:]
    for part, speed in ((seen[:6], 8.0), (seen[6:], 6.0)):
        travelled = part[-1].hip_m[0] - part[0].hip_m[0]
        assert travelled / (part[-1].down_s - part[0].down_s) == pytest.approx(speed, rel=0.025)


@pytest.mark.parametrize(
    "wrong",
    [
        {"speed_m_s": 40.0},
        {"direction": "up"},
        {"view_m": 2.0},
        {"shutter_s": 0.1},
        {"second_person": "dancing"},
        {"push_offs": 0},
    ],
)
def test_the_impossible_is_refused(wrong):
    """A spec that no athlete or camera can fulfil says which value is wrong."""
    with pytest.raises(BadInput, match=next(iter(wrong))):
        DrillSpec(**wrong)


def test_a_contact_longer_than_the_leg_is_refused():
    """At 9 m/s nobody stays on the ground for 0.25 s."""
    with pytest.raises(BadInput, match="longer than a leg"):
        made(DrillSpec(speed_m_s=9.0, contact_s=0.25))


def test_specs_by_lot_vary_and_keep_what_is_fixed():
    """A seed is a spec; a fixed field changes no other; over seeds everything varies."""
    assert random_spec(5) == random_spec(5)
    fixed = random_spec(5, width_px=320, exercise=Exercise.TRIPLE)
    assert fixed == replace(random_spec(5), width_px=320, exercise=Exercise.TRIPLE)
    drawn = [asdict(random_spec(seed)) for seed in range(60)]
    for name in ("exercise", "direction", "second_person", "panning", "leg_contrast", "athlete"):
        assert len({one[name] for one in drawn}) > 1, name
    assert {one["exercise"] for one in drawn} == set(Exercise)
    with pytest.raises(BadInput, match="colour"):
        random_spec(5, colour="red")
