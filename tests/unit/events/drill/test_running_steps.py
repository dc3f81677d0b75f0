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
    """Frames of 33 ms blur a step of 0.23 s to 6 to 9 frames: it stays a running step."""
    frames = [10, 18, 24, 30, 36, 43, 50, 59]
    assert tuple(range(8)) == running_steps(steps("LRLRLRLR", frames, rate=30))


def test_bounds_are_not_running():
    """Steps of 0.35 s and more are a drill, alternating or not."""
    assert () == running_steps(steps("LRLRLR", range(0, 84 * 6, 84)))


def test_short_intervals_on_one_foot_are_not_running():
    """Nobody runs on one leg: such events are left to the drill."""
    assert () == running_steps(steps("LLLLL", range(0, 55 * 5, 55)))


@pytest.mark.parametrize("feet", ["??????", "rrlrll", "LRlrrL"])
def test_unclear_feet_do_not_make_a_drill_of_a_sprint(feet):
    """Steps of 0.23 s are no bounds: feet nobody sees clearly do not speak against running."""
    assert tuple(range(6)) == running_steps(steps(feet, range(0, 55 * 6, 55)))


def test_one_short_interval_makes_no_run():
    """A single early event may be the spotter's mistake, not an approach."""
    assert () == running_steps(steps("LRLR", [0, 55, 180, 310]))


def test_the_take_off_belongs_to_the_drill():
    """The push-off that ends a run-up is followed by a flight: the drill begins with it."""
    assert (0, 1, 2) == running_steps(steps("LRLRR", [0, 55, 110, 165, 320]))


def test_a_lone_doubt_does_not_cut_a_drill():
    """The drill is one stretch even where the model takes one push-off of it for running."""
    events = steps("LLRRLL", range(0, 130 * 6, 130))
    events[2] = PushOffEvent(260, 260 / 240, 0.9, 0.05, approach_probability=0.7)
    assert () == running_steps(events)


def test_the_model_alone_can_tell():
    """Jogging is slower than any rule of time: the model's word is enough."""
    assert (0, 1, 2) == running_steps(steps("RLR", [0, 80, 160], approach=0.9))


@pytest.mark.parametrize(
    ("seen", "read"),
    [
        ("LRLRLR", "LRLRLR"),
        ("LRLLLR", "LRLRLR"),  # one wrong, even clearly
        ("LR?RL?", "LRLRLR"),
        ("LRLLRLR", "LRLLRLR"),  # one event too many: the others do not turn round for it
        ("??", "??"),
    ],
)
def test_a_runner_alternates(seen, read):
    """A foot against the rhythm is put right, an extra event changes nobody else."""
    assert read == text(running_feet(steps(seen, range(0, 55 * len(seen), 55))))


def test_after_a_gap_any_foot_may_come():
    """Where a step was overlooked the same foot again is right."""
    assert "LRLLRL" == text(running_feet(steps("LRLLRL", [0, 55, 110, 220, 275, 330])))


@quick
@given(st.text("LRlr?", max_size=9))
def test_mirrored_runners(seen):
    """A mirrored runner has mirrored feet."""
    frames = range(0, 55 * len(seen), 55)
    flip = {Foot.LEFT: Foot.RIGHT, Foot.RIGHT: Foot.LEFT, None: None}
    one = running_feet(steps(seen, frames))
    other = running_feet(steps(seen.translate(str.maketrans("LRlr", "RLrl")), frames))
    assert tuple(flip[foot] for foot in one) == other
