from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pushoff.events.ground_truth import GroundTruth
from pushoff.events.values import Direction
from pushoff.learning.event.targets import UNKNOWN, frame_targets, frame_targets_from_labels
from pushoff.values import Label

quick = settings(max_examples=80, deadline=None)
NAMES = ("push_off", "contact", "near", "approach")


def truth(ups, downs=(), frames=100, **changes):
    values = {
        "capture_fps": 30.0, "frames": frames, "push_off_frames": tuple(ups),
        "feet": ("left",) * len(ups), "approach": (False,) * len(ups),
        "uncertainty_frames": (0,) * len(ups), "complete_from": 0, "complete_to": frames - 1,
        "footage": "synthetic", "slow_motion": False, "touch_down_frames": tuple(downs),
    }  # fmt: skip
    return GroundTruth(**{**values, **changes})


def where(values, wanted):
    return np.flatnonzero(values == wanted).tolist()


@st.composite
def videos(draw):
    """A video of alternating flights and contacts, `step` frames to a thirtieth of a second."""
    step = draw(st.integers(1, 8))
    lengths = draw(st.lists(st.integers(step, 5 * step), min_size=2, max_size=12))
    edges = np.cumsum(lengths)
    pairs = [(int(edges[i]), int(edges[i + 1]) - 1) for i in range(0, len(edges) - 1, 2)]
    frames = int(edges[-1]) + draw(st.integers(1, 20))
    feet = draw(st.lists(st.sampled_from(["left", "right", None]), min_size=6, max_size=6))
    approach = draw(st.lists(st.booleans(), min_size=6, max_size=6))
    low = draw(st.integers(0, frames - 1))
    return step, truth(
        [up for _, up in pairs], [down for down, _ in pairs], frames,
        capture_fps=30.0 * step, feet=tuple(feet[: len(pairs)]),
        approach=tuple(approach[: len(pairs)]), complete_from=low,
        complete_to=draw(st.integers(low, frames - 1)),
        direction=draw(st.sampled_from([None, *Direction])),
    )  # fmt: skip


def test_a_contact_is_told_from_touch_down_to_push_off():
    """Contact lasts from touch-down to the last frame on the ground, flight is none."""
    told = frame_targets(truth([14, 30], [10, 25], frames=40), 40, 1)
    assert [*range(10, 15), *range(25, 31)] == where(told.contact, 1)
    assert [14, 30] == where(told.push_off, 1) == list(told.events)
    assert not where(told.contact, UNKNOWN)


def test_the_last_step_of_a_contact_is_push_off():
    """At 240/s eight frames are: each interleaved video at 30/s then sees exactly one."""
    told = frame_targets(truth([50], [30], capture_fps=240.0), 100, 8)
    assert list(range(43, 51)) == where(told.push_off, 1)


def test_a_video_that_starts_on_the_ground_is_in_contact():
    """The crouch of a sprint start, and a contact that has not ended when the video does."""
    told = frame_targets(truth([5, 20], [15, 30], frames=35), 35, 1)
    assert [*range(6), *range(15, 21), *range(30, 35)] == where(told.contact, 1)


def test_without_touch_downs_only_the_end_of_a_contact_is_known():
    """How long a contact lasted is not made up; its last frames and the first after are sure."""
    told = frame_targets(truth([40, 80], capture_fps=120.0), 100, 4)
    assert [*range(37, 41), *range(77, 81)] == where(told.contact, 1)
    assert [*range(41, 45), *range(81, 85)] == where(told.contact, 0)


def test_a_touch_down_nobody_wrote_down_contradicts_nothing():
    """Where one touch-down of several is missing, push-off frames are still on the ground."""
    told = frame_targets(truth([20, 50, 80], [10, 70], capture_fps=120.0), 100, 4)
    assert [*range(10, 21), *range(47, 51), *range(70, 81)] == where(told.contact, 1)


@pytest.mark.parametrize(
    ("direction", "near"), [(Direction.RIGHT, [0.0, 1.0]), (Direction.LEFT, [1.0, 0.0])]
)
def test_the_near_leg_follows_from_foot_and_direction(direction, near):
    """Going to the viewer's right the right leg is near; nobody's foot is nobody's leg."""
    one = truth([20, 50, 80], feet=("left", "right", None), direction=direction)
    told = frame_targets(one, 100, 1)
    assert near == [told.near[20], told.near[50]]
    assert UNKNOWN == told.near[80] == told.near[10]
    unknown = frame_targets(replace(one, direction=None), 100, 1)
    assert not where(unknown.near, 1) and not where(unknown.near, 0)


def test_approach_is_asked_for_where_a_video_has_both():
    """Videos of running steps only, or of bounds only, do not teach the difference."""
    both = frame_targets(truth([20, 50], approach=(True, False)), 100, 1)
    assert [1.0, 0.0] == [both.approach[20], both.approach[50]]
    one = frame_targets(truth([20, 50], approach=(True, True)), 100, 1)
    assert {UNKNOWN} == set(one.approach)


@quick
@given(videos())
def test_what_is_said_never_contradicts_itself(made):
    """Push-off frames are on the ground; outside the complete range nothing is said not to be."""
    step, one = made
    told = frame_targets(one, one.frames, step)
    for name in NAMES:
        values = getattr(told, name)
        assert one.frames == len(values)
        assert set(values) <= {0.0, 1.0, UNKNOWN}
    assert not ((told.push_off == 1) & (told.contact == 0)).any()
    outside = np.ones(one.frames, bool)
    outside[one.complete_from : one.complete_to + 1] = False
    assert not ((told.push_off == 0) & outside).any()
    assert all(told.push_off[frame] == 1 for frame in told.events)


@quick
@given(videos(), st.integers(0, 7))
def test_a_push_off_is_the_last_frame_seen_of_a_contact(made, phase):
    """In every interleaved video each push-off is one frame, and what follows it is flight."""
    step, one = made
    phase %= step
    told = frame_targets(
        replace(one, complete_from=0, complete_to=one.frames - 1), one.frames, step
    )
    seen = told.subsample(step, phase)
    assert len(range(phase, one.frames, step)) == len(seen.push_off)
    assert list(seen.events) == where(seen.push_off, 1)
    for event in seen.events:
        assert seen.contact[event] == 1
        assert event + 1 == len(seen.contact) or seen.push_off[event + 1] == 0


@quick
@given(
    st.lists(st.tuples(st.floats(0, 0.99), st.booleans()), max_size=12),
)
def test_labelled_frames_teach_what_was_labelled(labelled):
    """Frames nobody labelled are unknown; a push_off is on the ground, of others only that."""
    times = np.arange(100) / 100
    words = [(time, Label(int(yes))) for time, yes in labelled]
    told = frame_targets_from_labels(times, words)
    asked = {int(np.abs(times - time).argmin()) for time, _ in words}
    assert asked == set(np.flatnonzero(told.push_off != UNKNOWN))
    assert list(told.events) == where(told.push_off, 1)
    assert sorted(told.events) == list(told.events)
    assert set(told.events) <= set(where(told.contact, 1))
    assert not where(told.contact, 0) and {UNKNOWN} == set(told.near) | set(told.approach)


def test_frames_just_before_a_labelled_push_off_are_of_the_same_contact():
    """At 240/s a push_off frame is at most three before the end: five of the last eight are sure,
    unless an annotator said otherwise."""
    times = np.arange(60) / 240
    told = frame_targets_from_labels(times, [(times[40], Label.PUSH_OFF)], step=8)
    assert list(range(36, 41)) == where(told.push_off, 1) == where(told.contact, 1)
    said = [(times[40], Label.PUSH_OFF), (times[37], Label.NOT_PUSH_OFF)]
    told = frame_targets_from_labels(times, said, step=8)
    assert ([36, 38, 39, 40], [37]) == (where(told.push_off, 1), where(told.push_off, 0))
    assert (40,) == told.events
