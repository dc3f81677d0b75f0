"""One person's outline in an unbroken scene."""

import numpy as np
import pytest

from pushoff.video.tracking.track import SceneTrack, nobody, standing_height_px


def outlines(*heights: float, left: float = 50.0) -> np.ndarray:
    """(N, 6) outlines 20 wide whose top is at 100."""
    return np.array([[left, 100, left + 20, 100 + height, left + 10, 120] for height in heights])


def test_nobody_was_found_in_any_frame():
    """The note says why."""
    track = nobody(4, "fixed", "nobody crosses the picture")
    assert not track.found.any() and len(track.found) == 4
    assert track.note == "nobody crosses the picture"


def test_skipped_frames_have_no_outline():
    """Tracked frames keep theirs; the camera's drift is that of the next tracked frame."""
    track = SceneTrack(outlines(80, 82), "panning", drift=np.array([[0.0, 0.0], [5.0, 0.0]]))
    wide = track.expanded(np.array([1, 4]), 6)
    assert wide.found.tolist() == [False, True, False, False, True, False]
    assert wide.drift[:, 0].tolist() == [0, 0, 5, 5, 5, 5]


def test_a_jolt_over_skipped_frames_is_none():
    """Slow sway over several frames looks like one."""
    track = SceneTrack(outlines(80, 82, 84), "fixed", jolts=(1, 2))
    assert track.expanded(np.array([3, 4, 9]), 10).jolts == (4,)


def test_the_standing_height_ignores_cut_outlines_and_one_outlier():
    """Outlines at the edge count only when there are no others."""
    inside, cut = outlines(*[100] * 9, 300), outlines(40, 40, left=0.0)
    moving = np.ones(12, bool)
    assert standing_height_px(np.concatenate([inside, cut]), moving, 320) == pytest.approx(100)
    assert standing_height_px(cut, moving[:2], 320) == pytest.approx(40)
