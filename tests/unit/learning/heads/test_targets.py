from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pushoff.events.ground_truth import GroundTruth
from pushoff.events.values import Direction
from pushoff.learning.heads.targets import UNKNOWN, frame_targets, frame_targets_from_labels
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


def where(values, value):
    return np.flatnonzero(values == value).tolist()


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


def test_contact_lasts_from_touch_down_to_push_off():
    """Contact is 1 from touch-down to the last frame on the ground and 0 in flight."""
    targets = frame_targets(truth([14, 30], [10, 25], frames=40), 40, 1)
    assert [*range(10, 15), *range(25, 31)] == where(targets.contact, 1)
    assert [14, 30] == where(targets.push_off, 1) == list(targets.events)
    assert not where(targets.contact, UNKNOWN)


def test_the_last_step_of_a_contact_is_push_off():
    """Eight frames at 240/s: each interleaved video at 30/s then has exactly one."""
    targets = frame_targets(truth([50], [30], capture_fps=240.0), 100, 8)
    assert list(range(43, 51)) == where(targets.push_off, 1)


def test_a_video_that_starts_on_the_ground_is_in_contact():
    """The crouch of a sprint start, and a contact that has not ended when the video does."""
    targets = frame_targets(truth([5, 20], [15, 30], frames=35), 35, 1)
    assert [*range(6), *range(15, 21), *range(30, 35)] == where(targets.contact, 1)


def test_without_touch_downs_only_the_end_of_a_contact_is_known():
    """The contact's length is unknown; its last frames and the first frame after it are known."""
    targets = frame_targets(truth([40, 80], capture_fps=120.0), 100, 4)
    assert [*range(37, 41), *range(77, 81)] == where(targets.contact, 1)
    assert [*range(41, 45), *range(81, 85)] == where(targets.contact, 0)


def test_a_missing_touch_down_contradicts_nothing():
    """Where one of several touch-downs is missing, push-off frames are still in contact."""
    targets = frame_targets(truth([20, 50, 80], [10, 70], capture_fps=120.0), 100, 4)
    assert [*range(10, 21), *range(47, 51), *range(70, 81)] == where(targets.contact, 1)


@pytest.mark.parametrize(
    ("direction", "near"), [(Direction.RIGHT, [0.0, 1.0]), (Direction.LEFT, [1.0, 0.0])]
)
def test_the_near_leg_follows_from_foot_and_direction(direction, near):
    """For an athlete moving right the right leg is near; without a foot it is unknown."""
    one = truth([20, 50, 80], feet=("left", "right", None), direction=direction)
    targets = frame_targets(one, 100, 1)
    assert near == [targets.near[20], targets.near[50]]
    assert UNKNOWN == targets.near[80] == targets.near[10]
    unknown = frame_targets(replace(one, direction=None), 100, 1)
    assert not where(unknown.near, 1) and not where(unknown.near, 0)


def test_approach_is_a_target_where_a_video_has_both():
    """Videos of running steps only, or of bounds only, have unknown targets."""
    both = frame_targets(truth([20, 50], approach=(True, False)), 100, 1)
    assert [1.0, 0.0] == [both.approach[20], both.approach[50]]
    one = frame_targets(truth([20, 50], approach=(True, True)), 100, 1)
    assert {UNKNOWN} == set(one.approach)


@quick
@given(videos())
def test_targets_never_contradict_each_other(made):
    """Push-off frames are in contact; outside the complete range nothing is 0 without a label."""
    step, one = made
    targets = frame_targets(one, one.frames, step)
    for name in NAMES:
        values = getattr(targets, name)
        assert one.frames == len(values)
        assert set(values) <= {0.0, 1.0, UNKNOWN}
    assert not ((targets.push_off == 1) & (targets.contact == 0)).any()
    outside = np.ones(one.frames, bool)
    outside[one.complete_from : one.complete_to + 1] = False
    assert not ((targets.push_off == 0) & outside).any()
    assert all(targets.push_off[frame] == 1 for frame in targets.events)


@quick
@given(videos(), st.integers(0, 7))
def test_a_push_off_is_the_last_frame_of_a_contact(made, phase):
    """In every interleaved video each push-off is one frame, followed by flight."""
    step, one = made
    phase %= step
    targets = frame_targets(
        replace(one, complete_from=0, complete_to=one.frames - 1), one.frames, step
    )
    seen = targets.subsample(step, phase)
    assert len(range(phase, one.frames, step)) == len(seen.push_off)
    assert list(seen.events) == where(seen.push_off, 1)
    for event in seen.events:
        assert seen.contact[event] == 1
        assert event + 1 == len(seen.contact) or seen.push_off[event + 1] == 0


@quick
@given(
    st.lists(st.tuples(st.floats(0, 0.99), st.booleans()), max_size=12),
)
def test_labelled_frames_become_targets(labelled):
    """Unlabelled frames are unknown; a push_off frame is in contact, of other frames only push-off
    is known."""
    times = np.arange(100) / 100
    labelled = [(time, Label(int(yes))) for time, yes in labelled]
    targets = frame_targets_from_labels(times, labelled)
    asked = {int(np.abs(times - time).argmin()) for time, _ in labelled}
    assert asked == set(np.flatnonzero(targets.push_off != UNKNOWN))
    assert list(targets.events) == where(targets.push_off, 1)
    assert sorted(targets.events) == list(targets.events)
    assert set(targets.events) <= set(where(targets.contact, 1))
    assert not where(targets.contact, 0) and {UNKNOWN} == set(targets.near) | set(targets.approach)


def test_frames_just_before_a_labelled_push_off_are_of_the_same_contact():
    """At 240/s a push_off frame is at most three before the end: five of the last eight are
    certain, unless an annotator labelled them otherwise."""
    times = np.arange(60) / 240
    targets = frame_targets_from_labels(times, [(times[40], Label.PUSH_OFF)], step=8)
    assert list(range(36, 41)) == where(targets.push_off, 1) == where(targets.contact, 1)
    said = [(times[40], Label.PUSH_OFF), (times[37], Label.NOT_PUSH_OFF)]
    targets = frame_targets_from_labels(times, said, step=8)
    assert ([36, 38, 39, 40], [37]) == (where(targets.push_off, 1), where(targets.push_off, 0))
    assert (40,) == targets.events
