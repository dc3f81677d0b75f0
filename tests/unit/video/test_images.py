import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pushoff.values import Box
from pushoff.video.images import STRIP_PX, crop_athlete


def place(width=320, height=180):
    """(H, W, 3) uint8 whose red says how far right and whose green how far down."""
    image = np.zeros((height, width, 3), np.uint8)
    image[..., 0] = np.linspace(0, 250, width)[None]
    image[..., 1] = np.linspace(0, 250, height)[:, None]
    return image


@settings(max_examples=60, deadline=None)
@given(
    box=st.builds(
        Box,
        st.integers(-200, 400),
        st.integers(-200, 400),
        st.integers(0, 500),
        st.integers(0, 500),
    ),
    size=st.sampled_from([(320, 180), (180, 320), (9, 200)]),
    side=st.integers(1, 64),
)
def test_any_box_gives_a_square_of_the_video(box, size, side):
    """Wherever the box lies, also beside the picture or without any size, a square comes out."""
    image = place(*size)
    before = image.copy()
    cut = crop_athlete(image, box, side)
    assert cut.shape == (side, side, 3)
    assert cut.dtype == np.uint8
    assert np.array_equal(image, before)


def test_the_athlete_is_in_the_middle():
    """The square is a quarter wider than the box and about its middle."""
    image = place(400, 400)
    image[180:221, 280:321] = (0, 0, 255)
    cut = crop_athlete(image, Box(250, 150, 101, 101))
    assert cut.shape == (STRIP_PX, STRIP_PX, 3)
    rows, columns = np.nonzero(cut[..., 2] > 128)
    assert abs(rows.mean() - STRIP_PX / 2) < 3
    assert abs(columns.mean() - STRIP_PX / 2) < 3
    assert np.ptp(columns) == pytest.approx(41 * STRIP_PX / 126, abs=3)


def test_a_square_at_the_edge_is_moved_inside():
    """An athlete at the picture's edge is shown with real ground about them, never with a bar."""
    cut = crop_athlete(place(), Box(300, 120, 60, 60), 40)
    assert cut[-1, -1, 0] >= 248
    assert cut[-1, -1, 1] >= 248
    assert cut[0, 0, 0] == pytest.approx(250 * (320 - 75) / 319, abs=3)
    assert cut[0, 0, 1] == pytest.approx(250 * (180 - 75) / 179, abs=3)
