"""The athlete in a picture alone."""

import subprocess
import sys
from itertools import islice, pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushoff.synthetic.render import DrillSpec
from pushoff.synthetic.world import World
from pushoff.values import Box
from pushoff.video.athlete_finder import MARGIN, STATURE_IN_BOX, AthleteFinder, athlete_box, views
from pushoff.video.decoding.decode import decode
from pushoff.video.pose import LANDMARKS
from pushoff.video.scan import scan_video
from pushoff.video.tracking.athlete import find_athlete

ROOT = Path(__file__).parents[3]
SPRINT_LEFT = ROOT.parent / "shared" / "data" / "sprint_left" / "a10.mp4"
GREY = np.full((360, 640, 3), 128, np.uint8)


def body(height: float = 100.0, middle: tuple[float, float] = (200.0, 150.0)) -> np.ndarray:
    """(33, 4): somebody upright, `height` pixels from the shoulders to the ankles."""
    points = np.zeros((LANDMARKS, 4))
    points[:, 0], points[:, 3] = middle[0], 0.9
    share = {11: 0.0, 12: 0.0, 23: 0.4, 24: 0.4, 25: 0.7, 26: 0.7, 27: 1.0, 28: 1.0}
    points[:, 1] = middle[1]
    for number, part in share.items():
        points[number, 1] = middle[1] + (part - 0.5) * height
    return points


def test_the_athlete_of_a_drill_is_found():
    """In most pictures; the box holds the middle of the tracker's."""
    spec = DrillSpec(push_offs=3, capture_fps=60, width_px=640, height_px=360, second_person=None)
    images = list(islice(World(spec).images(), 80))
    grey = np.stack([image.mean(axis=2).astype(np.uint8) for image in images])
    boxes = find_athlete(grey, (640, 360)).boxes
    numbers = range(24, 80, 7)
    with AthleteFinder() as finder:
        found = [holds_middle(finder.find(images[number]), boxes[number]) for number in numbers]
    assert sum(found) >= 0.6 * len(numbers)


@pytest.mark.skipif(not SPRINT_LEFT.exists(), reason=f"there is no {SPRINT_LEFT}")
def test_a_small_athlete_is_found_in_a_wide_picture(tmp_path):
    """Beside other people, 150 px tall in 1280: the box is about as large as the tracker's."""
    with scan_video(SPRINT_LEFT, None, tmp_path) as scan:
        info, track = scan.info, scan.track
    right, looked_at = 0, 0
    with AthleteFinder() as finder:
        for frame in decode(SPRINT_LEFT, info).frames():
            tracked = track.boxes[frame.ref.index]
            if frame.ref.index % 20 or not track.found[frame.ref.index]:
                continue
            looked_at += 1
            box = finder.find(frame.image)
            right += holds_middle(box, tracked) and 0.6 < box.width_px / tracked.width_px < 1.5
    assert looked_at >= 10
    assert right >= 0.8 * looked_at


def holds_middle(box: Box | None, other: Box) -> bool:
    """Whether the middle of the other box is inside a box that was found."""
    if box is None:
        return False
    x, y = other.x_px + other.width_px / 2, other.y_px + other.height_px / 2
    return 0 <= x - box.x_px < box.width_px and 0 <= y - box.y_px < box.height_px


def test_nobody_is_found_in_an_empty_picture():
    """Nor in noise."""
    noise = np.random.default_rng(1).integers(0, 255, (300, 300, 3), np.uint8)
    with AthleteFinder() as finder:
        assert finder.find(GREY) is None
        assert finder.find(noise) is None


def test_a_closed_finder_finds_nothing():
    """It raises, so that nobody takes it for an empty picture."""
    finder = AthleteFinder()
    finder.close()
    with pytest.raises(RuntimeError):
        finder.find(GREY)


def test_mediapipe_is_imported_for_the_first_picture_only():
    """A process that never searches does not load it."""
    code = (
        "import sys; from pushoff.video.athlete_finder import AthleteFinder as Finder; "
        "Finder().close(); "
        "print([name for name in ('mediapipe', 'cv2') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.strip() == "[]", done.stderr


def test_the_side_comes_from_the_stature():
    """Upright and crouching the box is as large; limbs towards the camera do not shrink it."""
    upright = athlete_box(body(), 640, 360)
    assert upright == Box(112, 62, round(100 / STATURE_IN_BOX), round(100 / STATURE_IN_BOX))
    foreshortened = body()
    foreshortened[:, 1] = 150 + (foreshortened[:, 1] - 150) * 0.2
    foreshortened[15, 0] = 300  # a hand stretched far to the side
    assert athlete_box(foreshortened, 640, 360).width_px == round(MARGIN * 100)


@given(
    st.floats(1, 3000),
    st.tuples(st.floats(-500, 1500), st.floats(-500, 1500)),
    st.integers(16, 1000),
    st.integers(16, 1000),
)
def test_the_box_is_a_square_inside_the_picture(height, middle, width_px, height_px):
    """Also for a body larger than the picture, or partly beyond it."""
    box = athlete_box(body(height, middle), width_px, height_px)
    assert box.width_px == box.height_px > 0
    assert 0 <= box.x_px <= box.x_px + box.width_px <= width_px
    assert 0 <= box.y_px <= box.y_px + box.height_px <= height_px


@given(st.integers(1, 4000), st.integers(1, 4000))
def test_the_views_cover_the_picture(width_px, height_px):
    """All of it first; the squares of a wide or tall one overlap, from edge to edge."""
    whole, *squares = views(width_px, height_px)
    assert whole == Box(0, 0, width_px, height_px)
    side = min(width_px, height_px)
    assert bool(squares) == (max(width_px, height_px) > 1.3 * side)
    starts = [square.x_px + square.y_px for square in squares]
    assert all((square.width_px, square.height_px) == (side, side) for square in squares)
    if squares:
        assert (starts[0], starts[-1]) == (0, max(width_px, height_px) - side)
        assert all(0 < after - before <= side / 2 + 1 or side == 1
                   for before, after in pairwise(starts))  # fmt: skip
