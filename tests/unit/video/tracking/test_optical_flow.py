"""Corners followed from one image to another."""

import cv2
import numpy as np
import pytest

from pushoff.video.tracking.optical_flow import find_corners, follow_points


@pytest.fixture
def image() -> np.ndarray:
    noise = np.random.default_rng(1).integers(0, 255, (24, 32), np.uint8)
    return cv2.resize(noise, (320, 240), interpolation=cv2.INTER_CUBIC)


def test_points_follow_a_shifted_image(image):
    """An image moved by 3 px right and 2 px down moves every corner by as much."""
    corners = find_corners(image, 50, 0.05, 8)
    inner = corners[(np.abs(corners - [160, 120]) < [120, 80]).all(axis=(1, 2))]
    moved, found = follow_points(image, np.roll(image, (2, 3), (0, 1)), inner, 15)
    assert found.mean() > 0.9
    shift = np.median((moved - inner)[found], axis=(0, 1))
    assert shift == pytest.approx([3, 2], abs=0.2)


def test_corners_are_sought_within_the_mask(image):
    """And a flat image has none."""
    mask = np.zeros_like(image)
    mask[:, :100] = 1
    corners = find_corners(image, 50, 0.05, 8, mask)
    assert len(corners) and (corners[..., 0] < 100).all()
    assert find_corners(np.full_like(image, 90), 50, 0.05, 8).shape == (0, 1, 2)
