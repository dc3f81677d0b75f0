import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pushoff.events.spotting import SpottingConfig
from pushoff.events.values import Direction, Foot
from pushoff.learning.model.sequence_head import left_probability
from tests.unit.learning.event_samples import (
    known,
    video_of,
)


def test_push_offs_and_feet_of_another_video(event_model):
    """Every event at its frame with the athlete's own foot, at 30/s and at 120/s."""
    for step in (1, 4):
        truth = known(5, step)
        found = event_model.find_events(video_of(truth, seed=9))
        assert truth.push_off_frames == tuple(event.frame for event in found)
        assert list(truth.feet) == [event.foot.value for event in found]


def test_a_mirrored_video_mirrors_feet(event_model):
    """The same near and far legs going the other way are the other feet."""
    video = video_of(known(5), seed=9)
    turned = dataclasses.replace(video, track=dataclasses.replace(video.track, direction="left"))
    feet = [event.foot for event in event_model.find_events(video)]
    assert [foot.other for foot in feet] == [
        event.foot for event in event_model.find_events(turned)
    ]


def test_without_a_direction_the_foot_is_unknown(event_model):
    """Near and far leg give left and right only where the direction of travel is known."""
    video = video_of(dataclasses.replace(known(5), direction=None), seed=9)
    assert {None} == {event.foot for event in event_model.find_events(video)}


def test_without_an_athlete_there_is_no_event(event_model):
    """A video without an athlete has no events."""
    assert [] == event_model.find_events(video_of(known(3), seed=9, seen=False))


def test_without_approach_labels_nothing_is_an_approach(event_model):
    """A model trained without running steps calls nothing an approach."""
    assert not event_model.settings.knows_approach
    assert {0.0} == {
        one.approach_probability for one in event_model.find_events(video_of(known(3), seed=9))
    }


@settings(max_examples=40, deadline=None)
@given(st.floats(0, 1))
def test_left_and_near(near):
    """Going right shows the right side; the two directions are each other's opposite."""
    right = left_probability(near, Direction.RIGHT)
    assert right == pytest.approx(1 - left_probability(near, Direction.LEFT))
    assert Direction.RIGHT.near_foot is Foot.RIGHT and right == pytest.approx(1 - near)
    assert left_probability(near, None) == 0.5


def test_the_offset_moves_events(event_model):
    """The offset estimated on held-out videos is added to every event's time."""
    video, settings_ = video_of(known(4), seed=9), event_model.settings
    later = dataclasses.replace(settings_, spotting=SpottingConfig(offset_ms=34.0))
    moved = type(event_model)(event_model.extractor, event_model.heads, later).find_events(video)
    assert [event.frame + 1 for event in event_model.find_events(video)] == [
        event.frame for event in moved
    ]
