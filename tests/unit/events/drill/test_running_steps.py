from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pushoff.events.drill.running_steps import running_feet, running_steps
from pushoff.events.values import Foot, PushOffEvent

LEFT_PROBABILITY = {"L": 0.95, "R": 0.05, "l": 0.6, "r": 0.4, "?": 0.5}
quick = settings(max_examples=60, deadline=None)


def steps(feet, frames, rate=240, approach=0.0):
    """Push-offs with these feet, in these frames of a video at `rate`."""
    return [
        PushOffEvent(frame, frame / rate, 0.9, LEFT_PROBABILITY[foot], approach)
        for foot, frame in zip(feet, frames, strict=True)
    ]


def text(feet):
    return "".join(foot.letter if foot else "?" for foot in feet)


def test_a_sprint_at_30_is_all_running():
    """At 30/s a step of 0.23 s lasts 6 to 9 frames: it is still a running step."""
    frames = [10, 18, 24, 30, 36, 43, 50, 59]
    assert tuple(range(8)) == running_steps(steps("LRLRLRLR", frames, rate=30))


def test_what_a_person_says_of_a_step_counts_before_everything():
    """A bound that is called a running step, and running steps that are called bounds."""
    bounds = steps("LRLRLR", range(0, 84 * 6, 84))
    bounds[0] = replace(bounds[0], approach_by_hand=True)
    assert running_steps(bounds) == (0,)
    run = steps("LRLRLRLR", [10, 18, 24, 30, 36, 43, 50, 59], rate=30)
    assert running_steps([replace(step, approach_by_hand=False) for step in run]) == ()


def test_bounds_are_not_running():
    """Steps of 0.35 s and more are a drill, alternating or not."""
    assert () == running_steps(steps("LRLRLR", range(0, 84 * 6, 84)))


def test_short_intervals_on_one_foot_are_not_running():
    """Nobody runs on one leg: such events belong to the drill."""
    assert () == running_steps(steps("LLLLL", range(0, 55 * 5, 55)))


@pytest.mark.parametrize("feet", ["??????", "rrlrll", "LRlrrL"])
def test_a_sprint_with_unclear_feet(feet):
    """Steps of 0.23 s are not bounds: unclear feet are no evidence against running."""
    assert tuple(range(6)) == running_steps(steps(feet, range(0, 55 * 6, 55)))


def test_one_short_interval_is_not_a_run():
    """A single early event may be wrong, not an approach."""
    assert () == running_steps(steps("LRLR", [0, 55, 180, 310]))


def test_the_take_off_belongs_to_the_drill():
    """The push-off that ends an approach is followed by a flight: the drill starts with it."""
    assert (0, 1, 2) == running_steps(steps("LRLRR", [0, 55, 110, 165, 320]))


def test_a_single_doubt_does_not_divide_a_drill():
    """The drill is one range even where the model takes one of its push-offs for running."""
    events = steps("LLRRLL", range(0, 130 * 6, 130))
    events[2] = PushOffEvent(260, 260 / 240, 0.9, 0.05, approach_probability=0.7)
    assert () == running_steps(events)


def test_the_approach_probability_is_enough():
    """Jogging is slower than the limits in seconds: the model's probability is enough."""
    assert (0, 1, 2) == running_steps(steps("RLR", [0, 80, 160], approach=0.9))


@pytest.mark.parametrize(
    ("detected", "corrected"),
    [
        ("LRLRLR", "LRLRLR"),
        ("LRLLLR", "LRLRLR"),  # one wrong, even clearly
        ("LR?RL?", "LRLRLR"),
        ("LRLLRLR", "LRLLRLR"),  # one event too many: the others stay as they are
        ("??", "??"),
    ],
)
def test_running_feet_alternate(detected, corrected):
    """A foot against the rhythm is corrected; an extra event changes no other."""
    frames = range(0, 55 * len(detected), 55)
    assert corrected == text(running_feet(steps(detected, frames)))


def test_either_foot_after_a_long_interval():
    """Where a step was missed the same foot again is right."""
    assert "LRLLRL" == text(running_feet(steps("LRLLRL", [0, 55, 110, 220, 275, 330])))


@quick
@given(st.text("LRlr?", max_size=9))
def test_mirrored_feet(detected):
    """A mirrored video has mirrored feet."""
    frames = range(0, 55 * len(detected), 55)
    flip = {Foot.LEFT: Foot.RIGHT, Foot.RIGHT: Foot.LEFT, None: None}
    feet = running_feet(steps(detected, frames))
    other = running_feet(steps(detected.translate(str.maketrans("LRlr", "RLrl")), frames))
    assert tuple(flip[foot] for foot in feet) == other
