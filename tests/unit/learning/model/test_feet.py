"""The feet of push-offs: landmarks first, heads beside them."""

import dataclasses

import numpy as np
import pytest

from pushoff.events.values import PushOffEvent
from pushoff.learning.model.feet import with_own_feet
from tests.unit.learning.event_samples import known, video_of


def near_events(truth, near):
    """The true push-offs, each with the heads' probability of the near foot."""
    return [
        PushOffEvent(frame, frame / truth.capture_fps, 0.9, near) for frame in truth.push_off_frames
    ]


def feet(found):
    return [event.foot.value if event.foot else None for event in found]


@pytest.mark.parametrize("direction", ["left", "right"])
@pytest.mark.parametrize("near", [1e-9, 0.5, 1.0])
def test_landmarks_outvote_heads(direction, near):
    """Heads that are certain of one leg change no foot that the body shows."""
    truth = known(4, direction=direction)
    video = video_of(truth, posed=True)
    assert feet(with_own_feet(near_events(truth, near), video)) == list(truth.feet)


@pytest.mark.parametrize("direction", ["left", "right"])
def test_heads_decide_where_no_body_was_found_at_all(direction):
    """Such as in drawn figures: near is right for an athlete who runs right."""
    truth = known(3, direction=direction)
    found = with_own_feet(near_events(truth, 0.9), video_of(truth))
    assert feet(found) == [direction] * 3
    assert [event.foot_probability for event in found] == pytest.approx([0.9] * 3)


def test_heads_alone_name_no_foot_of_a_body_that_was_lost():
    """A body is found in the video, but not at this push-off: unknown, however sure the heads."""
    truth = known(3)
    video = video_of(truth, posed=True)
    landmarks = video.landmarks.copy()
    landmarks[truth.push_off_frames[1] - 10 : truth.push_off_frames[1] + 10] = np.nan
    lost = dataclasses.replace(video, landmarks=landmarks)
    found = with_own_feet(near_events(truth, 0.999), lost)
    assert feet(found) == [truth.feet[0], None, truth.feet[2]]
    assert found[1].left_probability < 0.5


def test_without_a_direction_every_foot_is_unknown():
    """Neither landmarks nor heads say which side is near."""
    truth = dataclasses.replace(known(3), direction=None)
    found = with_own_feet(near_events(truth, 0.9), video_of(truth, posed=True))
    assert feet(found) == [None] * 3
    assert {0.5} == {event.left_probability for event in found}
