from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pushoff.events.ground_truth import GroundTruth
from pushoff.events.values import Direction
from pushoff.learning.heads.targets import UNKNOWN, frame_targets, targets_from_labels
from tests.unit.learning.event_samples import known

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


@st.composite
def answers(draw):
    """Labels of some frames of a video of 100, with a weight for each."""
    frames = draw(st.lists(st.integers(0, 99), max_size=12, unique=True).map(sorted))
    labels = draw(st.lists(st.integers(0, 1), min_size=len(frames), max_size=len(frames)))
    weights = draw(st.lists(st.floats(0.1, 1), min_size=len(frames), max_size=len(frames)))
    return np.array(frames, int), np.array(labels, int), np.array(weights)


TIMES = np.arange(100) / 100


@quick
@given(answers())
def test_labelled_frames_become_targets(made):
    """Unlabelled frames are unknown; a push_off frame is in contact, of other frames only push-off
    is known."""
    frames, labels, weights = made
    targets = targets_from_labels(TIMES, frames, labels, 1, weights)
    assert set(frames) == set(np.flatnonzero(targets.push_off != UNKNOWN))
    assert list(targets.events) == where(targets.push_off, 1) == frames[labels == 1].tolist()
    assert where(targets.contact, 1) == list(targets.events)
    assert not where(targets.contact, 0) and {UNKNOWN} == set(targets.near) | set(targets.approach)
    assert targets.weight[frames].tolist() == weights.tolist()
    assert {1.0} >= set(np.delete(targets.weight, frames))


@quick
@given(answers(), st.lists(st.sampled_from([0.0, 1.0, UNKNOWN]), min_size=100, max_size=100))
def test_what_people_answered_stands_above_an_assumed_contact(made, assumed):
    """Contacts are assumed where nobody answered; a push_off frame is in contact whatever was
    assumed, and what was assumed is not changed."""
    frames, labels, _ = made
    assumed = np.array(assumed)
    before = assumed.copy()
    targets = targets_from_labels(TIMES, frames, labels, assumed_contact=assumed)
    push_offs = frames[labels == 1]
    assert (targets.contact[push_offs] == 1).all()
    assert np.array_equal(np.delete(targets.contact, push_offs), np.delete(assumed, push_offs))
    assert np.array_equal(assumed, before)


def test_frames_just_before_a_labelled_push_off_are_of_the_same_contact():
    """At 240/s a push_off frame is at most three before the end: five of the last eight are
    certain, unless an annotator labelled them otherwise."""
    times = np.arange(60) / 240
    targets = targets_from_labels(times, np.array([40]), np.array([1]), step=8)
    assert list(range(36, 41)) == where(targets.push_off, 1) == where(targets.contact, 1)
    targets = targets_from_labels(times, np.array([37, 40]), np.array([0, 1]), step=8)
    assert ([36, 38, 39, 40], [37]) == (where(targets.push_off, 1), where(targets.push_off, 0))
    assert (40,) == targets.events


@quick
@given(videos(), st.data())
def test_hidden_frames_teach_nothing(made, data):
    """Their targets are unknown and no window is drawn around them; all others stay."""
    step, one = made
    hidden = np.array(data.draw(st.lists(st.booleans(), min_size=one.frames, max_size=one.frames)))
    targets = frame_targets(one, one.frames, step)
    left = targets.without(hidden)
    for name in NAMES:
        values = getattr(left, name)
        assert {UNKNOWN} >= set(values[hidden])
        assert np.array_equal(values[~hidden], getattr(targets, name)[~hidden])
    assert left.events == tuple(frame for frame in targets.events if not hidden[frame])
    assert np.array_equal(left.weight, targets.weight)


def test_nothing_is_a_target_in_an_unknown_stretch():
    """Nor the push-off in it; what other labels say there is filled in."""
    truth = known(4)
    first, second = truth.push_off_frames[:2]
    hole = replace(truth, unknown=((second - 2, second + 2),))
    targets = frame_targets(hole, truth.frames, 1)
    assert (targets.push_off[second - 2 : second + 3] == UNKNOWN).all()
    assert second not in targets.events and first in targets.events
    single = targets_from_labels(np.arange(truth.frames) / 30, np.array([second]), np.array([1]))
    filled = targets.filled_with(single)
    assert filled.push_off[second] == 1 and filled.push_off[second - 1] == UNKNOWN
    assert second in filled.events and filled.push_off[first] == 1


def test_a_disputed_running_step_is_unknown():
    """The others are learnt from, where there are both kinds."""
    truth = replace(known(4), approach=(True, None, False, False))
    targets = frame_targets(truth, truth.frames, 1)
    assert [targets.approach[frame] for frame in truth.push_off_frames] == [1, UNKNOWN, 0, 0]


def test_the_foot_of_a_labelled_frame_is_a_target():
    """In the last 100 ms of its contact, where somebody named it."""
    times_s = np.arange(60) / 30
    targets = targets_from_labels(
        times_s, np.array([20, 40]), np.array([1, 1]), near_feet=np.array([1.0, UNKNOWN])
    )
    assert targets.near[18:21].tolist() == [1, 1, 1] and targets.near[17] == UNKNOWN
    assert (targets.near[21:] == UNKNOWN).all()
