import copy
import dataclasses

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from pushoff.errors import ModelRefused
from pushoff.events.foot_evidence import left_probability
from pushoff.events.ground_truth import push_off_mask
from pushoff.events.values import Direction, Foot
from pushoff.learning.model.sequence_head import (
    MAX_LOGIT,
    SequenceHead,
    mean_logits,
)
from tests.unit.learning.event_samples import known, landmarks_of, video_of


def test_push_offs_and_feet_of_another_video(head):
    """Every event at its frame with the athlete's own foot, at 30/s and at 120/s."""
    for step in (1, 4):
        truth = known(5, step)
        found = head.find_events(video_of(truth, seed=9))
        assert truth.push_off_frames == tuple(event.frame for event in found)
        assert list(truth.feet) == [event.foot.value for event in found]


def test_a_mirrored_video_mirrors_feet(head):
    """The same near and far legs going the other way are the other feet."""
    video = video_of(known(5), seed=9)
    turned = dataclasses.replace(video, track=dataclasses.replace(video.track, direction="left"))
    feet = [event.foot for event in head.find_events(video)]
    assert [foot.other for foot in feet] == [event.foot for event in head.find_events(turned)]


def test_without_a_direction_the_foot_is_unknown(head):
    """Near and far leg give left and right only where the direction of travel is known."""
    video = video_of(dataclasses.replace(known(5), direction=None), seed=9)
    assert {None} == {event.foot for event in head.find_events(video)}


def test_without_an_athlete_there_is_no_event(head):
    """A video without an athlete has no events."""
    assert [] == head.find_events(video_of(known(3), seed=9, seen=False))


def test_without_approach_labels_nothing_is_an_approach(head):
    """A model trained without running steps calls nothing an approach."""
    assert not head.settings.knows_approach
    assert {0.0} == {
        one.approach_probability for one in head.find_events(video_of(known(3), seed=9))
    }


@settings(max_examples=40, deadline=None)
@given(st.floats(0, 1))
def test_left_and_near(near):
    """Going right shows the right side; the two directions are each other's opposite."""
    right = left_probability(near, Direction.RIGHT)
    assert right == pytest.approx(1 - left_probability(near, Direction.LEFT))
    assert Direction.RIGHT.near_foot is Foot.RIGHT and right == pytest.approx(1 - near)
    assert left_probability(near, None) == 0.5


def test_the_offset_moves_events(head):
    """The offset estimated on held-out videos is added to every event's time."""
    video, before = video_of(known(4), seed=9), head.settings
    spotting = dataclasses.replace(before.spotting, offset_ms=before.spotting.offset_ms + 34.0)
    moved = SequenceHead(head.heads, dataclasses.replace(before, spotting=spotting))
    assert [event.frame + 1 for event in head.find_events(video)] == [
        event.frame for event in moved.find_events(video)
    ]


@pytest.mark.parametrize("step", [1, 8])
def test_a_prediction_agrees_with_itself(head, step):
    """push_off is suggested at the ends of the contacts that were found, with a calibrated
    probability for every frame."""
    video = video_of(known(5, step), seed=9)
    found = head.predict(video)
    count = len(video.times_s)
    assert list(found.events) == head.find_events(video, found.scores)
    ends = [event.frame for event in found.events]
    assert np.array_equal(found.suggested, push_off_mask(video.times_s, ends))
    calibrated = head.settings.frame_calibration.apply(found.scores.push_off, found.suggested)
    assert np.array_equal(found.probabilities, calibrated) and len(calibrated) == count
    assert found.suggested.sum() == len(ends) * (1 if step == 1 else 4)


def reweighted(head, weight):
    """The same heads with another weight of the pose rules."""
    return SequenceHead(head.heads, dataclasses.replace(head.settings, rules_weight=weight))


def test_the_pose_rules_carry_heads_that_know_nothing(head):
    """Of a video whose features are noise the heads find no push-off, the rules all."""
    truth = known(5)
    blank = dataclasses.replace(truth, push_off_frames=(), touch_down_frames=(), feet=())
    video = dataclasses.replace(video_of(blank, seed=9), landmarks=landmarks_of(truth))
    found = {
        weight: {event.frame for event in reweighted(head, weight).find_events(video)}
        for weight in (0.0, 1.0)
    }
    assert found[1.0] == set(truth.push_off_frames)
    assert len(found[0.0] & set(truth.push_off_frames)) < 3


def test_rules_that_find_nothing_change_nothing(head):
    """No body was found: the heads' own logits count in full."""
    nobody = video_of(known(3), seed=9)
    curves = [reweighted(head, weight).score_frames(nobody).push_off for weight in (0.0, 0.9)]
    assert np.array_equal(*curves)


def test_rules_say_nothing_of_feet(head):
    """The leg and the approach are the heads' alone."""
    video = video_of(known(4), seed=9, posed=True)
    alone, mixed = (reweighted(head, weight).score_frames(video) for weight in (0.0, 0.9))
    assert np.array_equal(alone.near, mixed.near)
    assert np.array_equal(alone.approach, mixed.approach)
    assert not np.array_equal(alone.push_off, mixed.push_off)


def test_one_head_cannot_outvote_the_others(head):
    """Its logits are clipped; numbers that are not finite are refused."""
    certain = copy.deepcopy(head.heads[0])
    with torch.no_grad():
        certain.output.bias.fill_(1e9)
        certain.output.weight.zero_()
    video = video_of(known(2), seed=9)
    assert np.abs(mean_logits([certain], ["colours"], video)).max() == MAX_LOGIT
    with torch.no_grad():
        certain.output.bias.fill_(float("nan"))
    with pytest.raises(ModelRefused):
        SequenceHead([certain], head.settings).predict(video)
