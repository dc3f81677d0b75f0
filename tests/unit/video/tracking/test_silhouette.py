"""Masks are packed without loss, and things are told apart by their distance."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pushoff.video.tracking.silhouette import PackedMasks, components, outline_bounds

SHAPE = (7, 13)


@given(st.lists(arrays(np.uint8, SHAPE), max_size=4))
def test_packed_masks_come_back(masks: list[np.ndarray]) -> None:
    """What is not zero is one; the number of frames is kept."""
    packed = PackedMasks(SHAPE)
    for mask in masks:
        packed.append(mask)
    assert len(packed) == len(masks)
    for mask, unpacked in zip(masks, packed, strict=True):
        assert np.array_equal(unpacked, mask != 0)


def test_parts_that_nearly_touch_are_one_thing() -> None:
    """Two squares two pixels apart are one blob, twenty pixels apart two."""
    for distance, count in ((2, 1), (20, 2)):
        mask = np.zeros((40, 60), np.uint8)
        mask[10:20, 5:15] = 1
        mask[10:20, 15 + distance : 25 + distance] = 1
        blobs = components(mask, 2)
        assert len(blobs) == count
        assert sum(blob.area for blob in blobs) == 200


def test_the_bounds_of_a_rectangle() -> None:
    """Left, top, right, bottom and centre of mass, in pixels."""
    mask = np.zeros((40, 60), np.uint8)
    mask[10:30, 20:40] = 1
    assert outline_bounds(mask) == pytest.approx([20, 10, 40, 30, 29.5, 19.5], abs=0.5)
