import numpy as np
import pytest

from pushoff.values import Box
from pushoff.video.tracking.athlete import AthleteTrack
from pushoff.video.vertical_flow import RISE_CHANNELS, rise_channels, rise_speed
from tests.unit.video.bouncing import COUNT, RATE, bouncing_block


def close(found, truth):
    """Median difference where anything was found."""
    return float(np.nanmedian(np.abs(found - truth)))


def test_the_rise_is_that_of_the_body():
    """Speed and its times agree with how the block was moved."""
    track, pictures, truth = bouncing_block()
    found = rise_speed(track, pictures, 1 / RATE)
    assert np.isnan(found).mean() < 0.1
    assert close(found, truth) < 0.12 * truth.max()


def test_a_panning_cameras_own_movement_is_taken_out():
    """A camera that turns after the athlete and tilts a little measures the same rise."""
    at = np.arange(COUNT)[:, None]
    track, pictures, truth = bouncing_block(drift=at * np.array([[0.6, 0.2]]))
    assert close(rise_speed(track, pictures, 1 / RATE), truth) < 0.2 * truth.max()


@pytest.mark.parametrize("found", [(False,) * COUNT, (True, False) * (COUNT // 2)])
def test_nobody_has_no_rise(found):
    """Frames without an athlete have no speed, not a zero."""
    track, pictures, _ = bouncing_block()
    track = AthleteTrack(track.boxes, found, track.centres_px, track.full_size, "")
    speeds = rise_speed(track, pictures, 1 / RATE)
    assert len(speeds) == COUNT
    assert np.isnan(speeds[~np.array(found)]).all()


def test_a_video_shorter_than_the_flow_has_no_rise():
    """Too few frames are no error."""
    track, pictures, _ = bouncing_block()
    assert np.isnan(rise_speed(track, pictures[:3], 1 / RATE)).all()


def test_channels_are_the_same_for_a_video_of_another_size():
    """What a model reads does not depend on how many pixels the video has."""
    track, pictures, _ = bouncing_block()
    times = np.arange(COUNT) / RATE
    boxes = tuple(Box(*(2 * one for one in box.as_list())) for box in track.boxes)
    larger = AthleteTrack(boxes, track.found, 2 * track.centres_px, (640, 240), "")
    channels = rise_channels(track, pictures, times)
    assert channels.shape == (COUNT, RISE_CHANNELS)
    assert channels == pytest.approx(rise_channels(larger, pictures, times), abs=1e-6)


def test_channels_are_zero_where_nobody_is():
    """An empty picture has no rise, and a video of one frame no error."""
    track, pictures, _ = bouncing_block()
    times = np.arange(COUNT) / RATE
    found = (False,) * 60 + (True,) * 60
    track = AthleteTrack(track.boxes, found, track.centres_px, track.full_size, "")
    channels = rise_channels(track, pictures, times)
    assert not channels[:60].any()
    assert channels[70:110].any()
    assert not rise_channels(track, pictures[:1], times[:1]).any()
