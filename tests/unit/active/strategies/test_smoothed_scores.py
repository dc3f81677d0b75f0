"""Probabilities smoothed over time, and rescaled to the threshold."""

from dataclasses import replace

import numpy as np
import pytest

from pushoff.active.strategies.smoothed_scores import rescale_to_threshold, smoothed
from tests.unit.active.pools import video


def test_a_flickering_frame_is_smoothed_at_240_per_second_but_not_at_30():
    """A single doubtful frame in a sure stretch is noise at 240/s; at 30/s it is all there is."""
    curve = [0.02] * 9 + [0.5] + [0.02] * 9
    assert smoothed(video(curve, rate=240.0))[9] < 0.25
    assert smoothed(video(curve, rate=30.0)).tolist() == curve


def test_smoothing_keeps_to_one_video():
    """Frames of another video at the same time change nothing."""
    one = video([0.1, 0.9, 0.1], rate=240.0)
    other = replace(one, video_ids=("a", "b", "c"))
    assert [0.1, 0.9, 0.1] == smoothed(other).tolist() != smoothed(one).tolist()


def test_the_threshold_becomes_one_half():
    """Each side of it is stretched to its own half, the ends stay."""
    assert [0.0, 0.25, 0.5, 0.75, 1.0] == pytest.approx(
        rescale_to_threshold(np.array([0, 0.1, 0.2, 0.6, 1.0]), 0.2).tolist()
    )
