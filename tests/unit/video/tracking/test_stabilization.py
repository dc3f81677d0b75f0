"""Frames of a fixed camera laid over each other."""

import cv2
import numpy as np
import pytest

from pushoff.video.tracking.stabilization import estimate_motion, stabilize, unstabilize


@pytest.fixture
def image() -> np.ndarray:
    noise = np.random.default_rng(1).integers(0, 255, (24, 32), np.uint8)
    return cv2.resize(noise, (320, 240), interpolation=cv2.INTER_CUBIC)


def test_a_shift_is_estimated(image):
    """4 px to the right and 2 px down; an image without corners counts as still."""
    motion = estimate_motion(image, np.roll(image, (2, 4), (0, 1)))
    assert motion[:2, 2] == pytest.approx([4, 2], abs=0.3)
    assert motion[:2, :2] == pytest.approx(np.eye(2), abs=0.01)
    flat = np.full_like(image, 90)
    assert np.array_equal(estimate_motion(flat, flat), np.eye(3))


def test_points_of_stabilized_frames_are_found_as_filmed():
    """The inverse of the frame's own transform."""
    angle = np.radians(5)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    transforms = np.stack([np.c_[turn, [3, 4]], np.c_[np.eye(2), [0, 0]]])
    points = np.array([[10.0, 20.0], [30.0, 40.0]])
    filmed = unstabilize(points, transforms)
    assert turn @ filmed[0] + [3, 4] == pytest.approx(points[0])
    assert filmed[1] == pytest.approx(points[1])


def test_a_swaying_camera_is_stabilized(image):
    """Frames shifted to and fro become alike in the middle of the image."""
    shifts = [round(3 * np.sin(k / 4)) for k in range(40)]
    frames = np.stack([np.roll(image, shift, 1) for shift in shifts])
    result = stabilize(frames)
    inner = result.images[:, 60:180, 60:260].astype(float)
    before = frames[:, 60:180, 60:260].astype(float)
    assert np.abs(inner - inner[20]).mean() < 0.3 * np.abs(before - before[20]).mean()
    assert result.jolts == ()


@pytest.mark.parametrize("upright", [False, True])
def test_a_hand_shakes_as_much_upright(upright):
    """The same sway passes in a video filmed upright: the limit is of the longer side."""
    noise = np.random.default_rng(2).integers(0, 255, (32, 18), np.uint8)
    image = cv2.resize(noise, (180, 320), interpolation=cv2.INTER_CUBIC)
    image = image if upright else np.ascontiguousarray(image.T)
    shifts = [round(28 * np.sin(k / 6)) for k in range(40)]
    result = stabilize(np.stack([np.roll(image, shift, 0) for shift in shifts]))
    assert result is not None
