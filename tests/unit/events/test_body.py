"""The size of a body, and landmarks that can be used."""

import numpy as np
import pytest

from pushoff.errors import BadInput
from pushoff.events.body import ANKLES, HIPS, KNEES, LEG_SHARE, body_height_px, checked_landmarks


def standing(frames=9, leg_px=98.2):
    """A body whose both legs are straight and this long."""
    points = np.zeros((frames, 33, 2))
    points[:, KNEES, 1] = leg_px / 2
    points[:, ANKLES, 1] = leg_px
    return points


def test_height_comes_from_the_longer_leg():
    """A leg that turns away looks shorter; hidden ones and frames without a body do not count."""
    points = standing()
    assert body_height_px(points) == pytest.approx(98.2 / LEG_SHARE)
    points[:, KNEES[0], 1] = points[:, ANKLES[0], 1] = 30
    assert body_height_px(points) == pytest.approx(98.2 / LEG_SHARE)
    points[4:, HIPS] = np.nan
    assert body_height_px(points) == pytest.approx(98.2 / LEG_SHARE)


def test_without_a_leg_there_is_no_height():
    """Nobody was found, or all landmarks lie in one place."""
    assert body_height_px(np.full((5, 33, 2), np.nan)) is None
    assert body_height_px(np.zeros((5, 33, 2))) is None


@pytest.mark.parametrize(
    ("shape", "times", "code"),
    [
        ((5, 17, 2), np.arange(5), "landmarks_shape"),
        ((5, 33, 1), np.arange(5), "landmarks_shape"),
        ((5, 33, 2), np.arange(4), "times_shape"),
        ((5, 33, 2), np.full(5, np.nan), "times_shape"),
        ((5, 33, 2), np.zeros(5), "unsorted_times"),
        ((2, 33, 2), np.arange(2), "unsorted_times"),
    ],
)
def test_landmarks_that_do_not_fit_are_refused(shape, times, code):
    """Another shape, other times, or too few frames."""
    with pytest.raises(BadInput) as refused:
        checked_landmarks(np.zeros(shape), times)
    assert refused.value.code == code
