"""What the pose rules say of every frame."""

import dataclasses
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pushoff.learning.model.rule_logits import (
    CONTACT,
    OUTPUTS,
    PUSH_OFF,
    find_contacts,
    rule_contact,
    rule_logits,
)
from pushoff.learning.model.temporal_head import OUTPUTS as HEAD_OUTPUTS
from tests.unit.learning.event_samples import known, landmarks_of, video_of

samples = given(
    count=st.integers(2, 6),
    step=st.sampled_from([1, 2, 4, 8]),
    direction=st.sampled_from(["left", "right"]),
)


def test_columns_are_those_of_a_temporal_head():
    """So that the two can be averaged."""
    assert len(HEAD_OUTPUTS) == OUTPUTS
    assert (HEAD_OUTPUTS[PUSH_OFF], HEAD_OUTPUTS[CONTACT]) == ("push_off", "contact")


@settings(max_examples=20, deadline=None)
@samples
def test_a_push_off_stands_out_at_every_rate(count, step, direction):
    """Its frames are likely, 1/30 s beside it less so, all others unlikely; the last `step` frames
    of a contact, as a head says it."""
    truth = known(count, step, direction)
    logits = rule_logits(video_of(truth, posed=True))
    assert logits.shape == (truth.frames, OUTPUTS) and np.isfinite(logits).all()
    ends = np.zeros(truth.frames, bool)
    beside = np.zeros(truth.frames, bool)
    for up in truth.push_off_frames:
        ends[up - step + 1 : up + 1] = True
        beside[up - 2 * step + 1 : up + step + 1] = True
    curve = logits[:, PUSH_OFF]
    assert curve[ends].min() > 0
    assert curve[~beside].max() < curve[beside & ~ends].min() <= curve[beside & ~ends].max() < 0


@settings(max_examples=20, deadline=None)
@samples
def test_contact_and_flight_are_told_apart(count, step, direction):
    """Between the first and the last contact; outside of them nothing is said."""
    truth = known(count, step, direction)
    video = video_of(truth, posed=True)
    contact = rule_contact(video)
    assert set(np.unique(contact)) <= {-1.0, 0.0, 1.0}
    pairs = list(zip(truth.touch_down_frames, truth.push_off_frames, strict=True))
    for down, up in pairs:
        assert (contact[down + step : up + 1] == 1).all()
    for (_, up), (down, _) in pairwise(pairs):
        assert (contact[up + 1 : down] == 0).all()
    assert (contact[pairs[-1][1] + 1 :] == -1).all()
    assert (contact[: pairs[0][0]] == -1).all()
    assert np.array_equal(
        np.sign(rule_logits(video)[:, CONTACT]), np.where(contact < 0, 0, 2 * contact - 1)
    )


@settings(max_examples=20, deadline=None)
@samples
def test_rules_say_nothing_of_foot_and_approach(count, step, direction):
    """These two columns are 0: as likely as not."""
    logits = rule_logits(video_of(known(count, step, direction), posed=True))
    others = [column for column in range(OUTPUTS) if column not in (PUSH_OFF, CONTACT)]
    assert not logits[:, others].any()


def panned(video, px):
    """The same body filmed by a camera that moves by `px` pixels a frame."""
    drift = px * np.arange(len(video.times_s))[:, None] * np.array([[1.0, 0.0]])
    landmarks = video.landmarks.copy()
    landmarks[..., :2] -= drift[:, None].astype(np.float32)
    track = dataclasses.replace(video.track, drift_px=drift)
    return dataclasses.replace(video, landmarks=landmarks, track=track)


def test_the_cameras_motion_is_taken_out():
    """A panning camera sees a standing toe move; the rules do not."""
    video = video_of(known(4), posed=True)
    moving = panned(video, 13.3)
    assert [c.push_off.frame for c in find_contacts(moving)] == list(known(4).push_off_frames)
    assert np.array_equal(rule_logits(moving), rule_logits(video))
    unknown = dataclasses.replace(moving, track=video.track)
    assert rule_logits(unknown) is None


@pytest.mark.parametrize(
    "change",
    [
        lambda video: dataclasses.replace(video, landmarks=landmarks_of(known(4), seen=False)),
        lambda video: dataclasses.replace(
            video, track=dataclasses.replace(video.track, direction=None)
        ),
        lambda video: dataclasses.replace(
            video, track=dataclasses.replace(video.track, direction="left")
        ),
        lambda video: video_of(known(1), posed=True),
        lambda video: video_of(dataclasses.replace(known(1), frames=22), posed=True),
    ],
    ids=["nobody", "no direction", "wrong direction", "one contact", "cut off"],
)
def test_with_fewer_than_two_contacts_the_rules_are_silent(change):
    """One contact may be a mistake, and says nothing of what surrounds it."""
    video = change(video_of(known(4), posed=True))
    assert rule_logits(video) is None
    assert {-1.0} == set(rule_contact(video))


@pytest.mark.parametrize("frames", [0, 1, 2])
def test_hardly_a_video(frames):
    """A video of two frames has no contact, and no error."""
    truth = dataclasses.replace(
        known(2), frames=frames, push_off_frames=(), touch_down_frames=(), feet=()
    )
    video = video_of(truth, posed=True)
    assert [] == find_contacts(video)
    assert frames == len(rule_contact(video))
