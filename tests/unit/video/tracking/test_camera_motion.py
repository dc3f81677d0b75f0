"""The path of a moving camera."""

import cv2
import numpy as np
import pytest

from pushoff.video.tracking.camera_motion import distinct_frames, estimate_camera_path

PAN_PX = 5


@pytest.fixture
def panned() -> np.ndarray:
    """(N, 180, 320) frames of a camera that pans to the right."""
    noise = np.random.default_rng(3).integers(60, 190, (16, 60), np.uint8)
    view = cv2.resize(noise, (480, 180), interpolation=cv2.INTER_CUBIC)
    return np.stack([view[:, PAN_PX * k : PAN_PX * k + 320] for k in range(12)])


def test_the_path_of_a_pan(panned):
    """Each frame lies PAN_PX further to the right in the first one."""
    path = estimate_camera_path(panned)
    assert path[:, 0, 2] == pytest.approx(PAN_PX * np.arange(12), abs=1.0)
    assert path[:, 1, 2] == pytest.approx(np.zeros(12), abs=1.0)


def test_repeated_frames_are_left_out(panned):
    """As an editor repeats them, with the encoder's noise."""
    repeated = np.repeat(panned, 2, axis=0).copy()
    repeated[1::2, ::7, ::7] += 1
    assert distinct_frames(repeated).tolist() == list(range(0, 24, 2))
