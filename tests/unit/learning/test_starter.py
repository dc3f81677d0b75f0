"""Push-offs before anything was learnt."""

from dataclasses import replace

import numpy as np
import pytest

from pushoff.events.ground_truth import push_off_mask
from pushoff.learning.starter import predict_with_rules
from tests.unit.learning.event_samples import known, landmarks_of, video_of


@pytest.mark.parametrize("step", [1, 2, 8])
def test_the_rules_find_the_push_offs_of_a_body_in_motion(step):
    """At their frames, with their feet, at every rate; push_off is suggested there alone."""
    truth = known(5, step)
    found = predict_with_rules(video_of(truth, posed=True))
    assert tuple(event.frame for event in found.events) == truth.push_off_frames
    assert [event.foot.value for event in found.events] == list(truth.feet)
    times_s = np.arange(truth.frames) / truth.capture_fps
    assert np.array_equal(found.suggested, push_off_mask(times_s, truth.push_off_frames))


@pytest.mark.parametrize("step", [1, 8])
def test_probabilities_are_those_of_rules(step):
    """The same for every push-off that was found, less 1/30 s beside it, little elsewhere."""
    truth = known(5, step)
    found = predict_with_rules(video_of(truth, posed=True))
    p, at = found.probabilities, np.array(truth.push_off_frames)
    assert len(p) == truth.frames and ((p > 0) & (p < 1)).all()
    assert len(set(p[found.suggested])) == 1
    beside = np.concatenate([at - step, at + step])
    assert p[at].min() > p[beside].max() >= p[beside].min() > np.median(p)
    assert {event.probability for event in found.events} == {found.events[0].probability}
    assert found.events[0].probability > p.max()


def test_scores_agree_with_the_events():
    """Contact and push-off of each frame, as a report shows them."""
    truth = known(5)
    found = predict_with_rules(video_of(truth, posed=True))
    assert found.scores.push_off.shape == (truth.frames,)
    assert found.scores.push_off[list(truth.push_off_frames)].min() > 0.5
    assert found.scores.contact[list(truth.push_off_frames)].min() > 0.5


@pytest.mark.parametrize("frames", [0, 1, 2, 60])
def test_where_nothing_is_found_nothing_is_suggested(frames):
    """Nobody, somebody who stands, or hardly a video: every frame is unlikely, and no error."""
    truth = replace(known(4), frames=frames, push_off_frames=(), touch_down_frames=(), feet=())
    video = video_of(truth, posed=True)
    still = np.repeat(landmarks_of(known(2))[:1], frames, axis=0)
    for landmarks in (still, np.full_like(still, np.nan)):
        found = predict_with_rules(replace(video, landmarks=landmarks))
        assert found.events == () and not found.suggested.any()
        assert len(found.probabilities) == frames and (found.probabilities < 0.1).all()


def test_the_rules_know_nothing_of_a_video_without_a_body():
    """Nobody was found in any frame, or there are no frames; one frame with a body is enough."""
    video = video_of(known(3))
    assert not video.has_body
    assert not replace(video, landmarks=video.landmarks[:0]).has_body
    glimpse = video.landmarks.copy()
    glimpse[7] = 50.0
    assert replace(video, landmarks=glimpse).has_body


def test_push_offs_next_to_the_ends_are_no_error():
    """A frame beside a push-off may lie outside of the video."""
    truth = known(2, 8)
    last = truth.push_off_frames[-1] + 2
    cut = replace(truth, frames=last, complete_to=last - 1)
    found = predict_with_rules(video_of(cut, posed=True))
    assert [event.frame for event in found.events] == list(truth.push_off_frames)
