import subprocess
import sys
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from pushoff.errors import BadInput, SettingWrong
from pushoff.synthetic.render import DrillSpec
from pushoff.synthetic.world import World
from pushoff.values import Box
from pushoff.video.pose import (
    LANDMARKS,
    MARGIN,
    MODEL_NAME,
    SIDE_PX,
    PoseFinder,
    pose_input,
    pose_model_path,
    to_full_size,
)

ROOT = Path(__file__).parents[3]
GREY = np.full((256, 256, 3), 128, np.uint8)


@pytest.fixture(scope="module")
def bounding():
    """Pictures of a rendered athlete in full view."""
    spec = DrillSpec(push_offs=3, capture_fps=60, width_px=640, height_px=360)
    pictures = islice(World(spec).images(), 24, 60, 4)
    return [pose_input(picture, Box(140, 0, 360, 360)) for picture in pictures]


def test_a_missing_model_is_a_setting_to_put_right():
    """A package that is not there, or brings no model."""
    for package in ("pushoff_no_such_package", "json"):
        with pytest.raises(SettingWrong) as refused:
            pose_model_path(package)
        assert refused.value.code == "no_pose_model"


def test_a_missing_library_of_the_system_is_named():
    """MediaPipe's own library is not opened without them: what to install, not a traceback."""
    code = (
        "import ctypes, mediapipe\n"
        "from pushoff.errors import SettingWrong\n"
        "from pushoff.video.pose import PoseFinder\n"
        "def load(name, *rest):\n"
        "    raise OSError('libEGL.so.1: cannot open shared object file')\n"
        "ctypes.CDLL = load\n"
        "try:\n"
        "    PoseFinder()\n"
        "except SettingWrong as error:\n"
        "    print(error.code, error.remedy)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.startswith("pose_library_missing "), done.stderr
    assert "libegl1" in done.stdout


def test_the_model_comes_with_the_package():
    """The model lies in the installed package: nothing is fetched."""
    assert pose_model_path().name == MODEL_NAME
    assert pose_model_path().stat().st_size > 1_000_000


def bodies_in(images, *, tracking=True):
    """(N, 33, 4) landmarks of the body in each image."""
    with PoseFinder(tracking=tracking) as finder:
        return np.stack([finder.find(image) for image in images])


@pytest.mark.parametrize("tracking", [True, False])
def test_a_body_is_found_the_right_way_up(bounding, tracking):
    """In most pictures somebody is found, with hips above toes and visibilities from 0 to 1."""
    body = bodies_in(bounding, tracking=tracking)
    assert body.shape == (len(bounding), LANDMARKS, 4)
    seen = body[np.isfinite(body).all(axis=(1, 2))]
    assert len(seen) >= len(bounding) / 2
    assert (seen[:, (23, 24), 1].max(axis=1) < seen[:, (31, 32), 1].max(axis=1)).all()
    assert ((seen[..., 3] >= 0) & (seen[..., 3] <= 1)).all()


def test_the_same_pictures_give_the_same_bodies(bounding):
    """Two runs agree to the last bit, so results can be repeated."""
    assert np.array_equal(bodies_in(bounding), bodies_in(bounding), equal_nan=True)


def test_a_finder_takes_one_picture_after_the_other(bounding):
    """Frames in which nobody is are skipped, and change nothing of the others."""
    with PoseFinder() as finder:
        bodies = [finder.find(picture) for picture in bounding]
        assert np.isnan(finder.find(None)).all()
    assert np.array_equal(np.stack(bodies), bodies_in(bounding), equal_nan=True)


def test_nothing_is_written_to_stderr():
    """Not by opening the model, by the first bodies in square and other images, nor by closing."""
    code = (
        "from itertools import islice\n"
        "from pushoff.synthetic.render import DrillSpec\n"
        "from pushoff.synthetic.world import World\n"
        "from pushoff.values import Box\n"
        "from pushoff.video.pose import PoseFinder, pose_input\n"
        "spec = DrillSpec(push_offs=3, capture_fps=60, width_px=640, height_px=360)\n"
        "wide = list(islice(World(spec).images(), 24, 60, 6))\n"
        "for tracking in (False, True):\n"
        "    with PoseFinder(tracking=tracking) as finder:\n"
        "        square = [pose_input(image, Box(140, 0, 360, 360)) for image in wide]\n"
        "        for image in [image[:, 90:550] for image in wide] + square:\n"
        "            print(finder.find(image)[0, 0])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, "")
    found = [float(line) for line in done.stdout.split()]
    assert len(found) == 24 and np.isfinite(found).any()


def test_nobody_is_nan():
    """Frames known or seen to be empty are NaN."""
    assert np.isnan(bodies_in([None, GREY, None])).all()


@pytest.mark.parametrize("picture", [GREY[..., 0], GREY.astype(float), GREY[..., :2]])
def test_what_is_not_a_picture(picture):
    """Grey, float and two-colour arrays are refused in words."""
    with pytest.raises(BadInput, match="uint8 RGB"):
        bodies_in([picture])


def test_there_and_back():
    """A point of the picture the model is given is the same point of the video's frame."""
    box = Box(100, 40, 80, 60)
    frame = np.zeros((200, 300, 3), np.uint8)
    frame[70:76, 150:156] = 255
    ys, xs = np.nonzero(pose_input(frame, box)[..., 0] > 127)
    shares = np.zeros((1, LANDMARKS, 4))
    shares[..., :2] = (xs.mean() + 0.5) / SIDE_PX, (ys.mean() + 0.5) / SIDE_PX
    assert to_full_size(shares, [box])[0, 0, :2] == pytest.approx([153, 73], abs=1)
    edges = np.zeros((1, LANDMARKS, 4))
    assert to_full_size(edges, [box])[0, 0, 0] == pytest.approx(140 - MARGIN * 40)


def test_boxes_must_fit():
    """One box for each frame of landmarks."""
    with pytest.raises(BadInput, match="2 frames"):
        to_full_size(np.zeros((2, LANDMARKS, 4)), [Box(0, 0, 9, 9)])
