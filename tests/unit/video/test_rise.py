import cv2
import numpy as np
import pytest

from pushoff.values import Box
from pushoff.video.athlete import AthleteTrack
from pushoff.video.rise import RISE_CHANNELS, rise_channels, rise_speed

RATE = 240
COUNT = 120


def bouncing_block(height_px=6.0, drift=None):
    """A textured block that runs right and bounces over grass; the track of it, its true rise."""
    rng = np.random.default_rng(3)
    grass = cv2.GaussianBlur(rng.integers(60, 160, (120, 320), np.uint8), (5, 5), 0)
    block = cv2.GaussianBlur(rng.integers(0, 255, (40, 24), np.uint8), (5, 5), 0)
    times = np.arange(COUNT) / RATE
    x, y = 40 + 300 * times, 60 - height_px * np.sin(2 * np.pi * times / 0.4)
    drift = np.zeros((COUNT, 2)) if drift is None else drift
    pictures = []
    for at in range(COUNT):
        move = np.float32([[1, 0, -drift[at, 0]], [0, 1, -drift[at, 1]]])
        scene = cv2.warpAffine(grass, move, (320, 120), borderMode=cv2.BORDER_WRAP)
        place = np.float32([[1, 0, x[at] - 12 - drift[at, 0]], [0, 1, y[at] - 20 - drift[at, 1]]])
        mask = cv2.warpAffine(np.full_like(block, 255), place, (320, 120))
        scene[mask > 127] = cv2.warpAffine(block, place, (320, 120))[mask > 127]
        pictures.append(scene)
    centres = np.stack([x, y], 1) - drift
    boxes = tuple(Box(int(cx) - 40, int(cy) - 32, 80, 80) for cx, cy in centres)
    track = AthleteTrack(boxes, (True,) * COUNT, centres, (320, 120), "", drift_px=drift)
    return track, np.stack(pictures), -np.gradient(y) * RATE


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


def test_a_film_shorter_than_the_flow_has_no_rise():
    """Too few frames are no error."""
    track, pictures, _ = bouncing_block()
    assert np.isnan(rise_speed(track, pictures[:3], 1 / RATE)).all()


def test_channels_are_the_same_for_a_film_of_another_size():
    """What a model reads does not depend on how many pixels the film has."""
    track, pictures, _ = bouncing_block()
    times = np.arange(COUNT) / RATE
    boxes = tuple(Box(*(2 * one for one in box.as_list())) for box in track.boxes)
    larger = AthleteTrack(boxes, track.found, 2 * track.centres_px, (640, 240), "")
    channels = rise_channels(track, pictures, times)
    assert channels.shape == (COUNT, RISE_CHANNELS)
    assert channels == pytest.approx(rise_channels(larger, pictures, times), abs=1e-6)


def test_channels_are_zero_where_nobody_is():
    """An empty picture has no rise, and a film of one frame no error."""
    track, pictures, _ = bouncing_block()
    times = np.arange(COUNT) / RATE
    found = (False,) * 60 + (True,) * 60
    track = AthleteTrack(track.boxes, found, track.centres_px, track.full_size, "")
    channels = rise_channels(track, pictures, times)
    assert not channels[:60].any()
    assert channels[70:110].any()
    assert not rise_channels(track, pictures[:1], times[:1]).any()
