from dataclasses import replace
from fractions import Fraction

import av
import numpy as np
import pytest

from pushoff.values import Box, VideoInfo
from pushoff.video.decoding.probe import probe
from pushoff.video.event_inputs import MARGIN, athlete_crop, event_inputs, frames_per_moment
from pushoff.video.pose import SIDE_PX, pose_input
from pushoff.video.tracking.athlete import AthleteTrack

SIZE = (160, 96)
SIDE = 48


def lossless(path, pictures, rate=30):
    """(path, info) of a video of exactly these (H, W, 3) pictures, grey ones without loss."""
    with av.open(str(path), "w") as out:
        track = out.add_stream("libx264", rate=rate, options={"preset": "ultrafast", "qp": "0"})
        track.width, track.height = pictures[0].shape[1::-1]
        track.pix_fmt = "yuv420p"
        for picture in pictures:
            out.mux(track.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        out.mux(track.encode())
    return path, probe(path, None)


def ground(width=SIZE[0], seed=0):
    """(96, width, 3) uint8 grey, smooth enough to be cut between pixels."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(60, 200, (96 // 8 + 1, width // 8 + 1)).astype(float)
    y, x = np.arange(96) / 8, np.arange(width) / 8
    rows = np.stack([np.interp(y, np.arange(len(coarse)), one) for one in coarse.T], axis=1)
    smooth = np.stack([np.interp(x, np.arange(coarse.shape[1]), one) for one in rows])
    return np.repeat(smooth[..., None], 3, axis=2).round().astype(np.uint8)


def track(count, box=Box(40, 20, 40, 40), drift=None):
    boxes = (box,) * count if isinstance(box, Box) else tuple(box)
    centres = np.zeros((count, 2))
    return AthleteTrack(boxes, (True,) * count, centres, SIZE, "", drift_px=drift)


def seen(video, track, rate=30):
    """The views of a (path, info) as if filmed at a rate."""
    path, facts = video
    return list(event_inputs(path, replace(facts, capture_rate=Fraction(rate)), track, SIDE))


@pytest.fixture(scope="module")
def still(tmp_path_factory):
    """A video of twenty times the same ground."""
    return lossless(tmp_path_factory.mktemp("still") / "a.mp4", [ground()] * 20)


def info(rate):
    return VideoInfo(160, 96, Fraction(30), Fraction(rate), 1.0, 0, 30, "h264")


@pytest.mark.parametrize(
    ("rate", "frames"),
    [(10, 1), (24, 1), (30, 1), (50, 2), (60, 2), (120, 4), (240, 8), (1000, 33)],
)
def test_a_moment_is_as_long_at_any_rate(rate, frames):
    """The three moments lie a thirtieth of a second apart, and at least a frame."""
    assert frames_per_moment(info(rate)) == frames


@pytest.mark.parametrize(("count", "rate"), [(1, 240), (8, 240), (9, 240), (17, 240), (3, 30)])
def test_every_frame_once_in_order(still, count, rate):
    """However few frames against the moments, each of the track's has its views, once, in order."""
    found = seen(still, track(count), rate)
    assert [view.index for view in found] == list(range(count))
    for view in found:
        assert view.colours.shape == view.motion.shape == (SIDE, SIDE, 3)
        assert view.colours.dtype == view.motion.dtype == np.uint8


def test_the_body_is_shown_to_the_pose_model_as_it_was_filmed(tmp_path):
    """Each frame's own picture around the box, at the size that `pose_input` makes."""
    pictures = [ground(seed=seed) for seed in range(5)]
    boxes = [Box(30 + 2 * index, 20, 40, 40) for index in range(5)]
    video = lossless(tmp_path / "a.mp4", pictures)
    for rate in (30, 240):
        for view in seen(video, track(5, boxes), rate):
            expected = pose_input(pictures[view.index], boxes[view.index])
            assert view.body.shape == (SIDE_PX, SIDE_PX, 3) and view.body.dtype == np.uint8
            assert np.abs(view.body.astype(int) - expected).max() <= 3


def test_a_picture_alone_is_cropped_like_the_frame_of_a_video(still):
    """Publishing, training and `/predict` see the same pixels; without a box it is the whole
    picture, its longer side filling the square."""
    box = Box(40, 20, 40, 40)
    picture = ground()
    for view in seen(still, track(3, box)):
        assert np.abs(view.colours.astype(int) - athlete_crop(picture, box, SIDE)).max() <= 3
    whole = athlete_crop(picture, None, SIDE)
    assert whole.shape == (SIDE, SIDE, 3)
    assert np.array_equal(whole, athlete_crop(picture, Box(0, 0, *SIZE), SIDE))


def apart(view, other):
    """(S, S) largest difference of two motion pictures."""
    return np.abs(view.motion.astype(int) - other.motion).max(2)


def test_a_flash_shows_in_three_moments(tmp_path, still):
    """A frame shows in its own views and in those a moment before and after, in no others."""
    pictures = [ground() for _ in range(20)]
    pictures[9][40:52, 52:64] = 255
    video = lossless(tmp_path / "a.mp4", pictures)
    for rate, reach in ((30, 1), (60, 2), (240, 8)):
        pairs = zip(seen(video, track(20), rate), seen(still, track(20), rate), strict=True)
        shown = [one.index for one, other in pairs if apart(one, other).max() > 60]
        assert shown == [9 - reach, 9, 9 + reach]


def test_only_what_moves_shows(tmp_path, still):
    """Before a fixed camera the ground looks as if nothing moved, whatever the box does."""
    pictures = [ground() for _ in range(9)]
    for index, picture in enumerate(pictures):
        picture[40:52, 30 + 6 * index : 40 + 6 * index] = 250
    video = lossless(tmp_path / "a.mp4", pictures)
    boxes = [Box(35 + 2 * index, 20, 40, 40) for index in range(9)]
    scale, top = SIDE / (MARGIN * 40), 40 - MARGIN * 20
    for view, quiet in zip(seen(video, track(9, boxes)), seen(still, track(9, boxes)), strict=True):
        rows = np.flatnonzero((apart(view, quiet) > 60).any(1))
        assert len(rows)
        assert rows.min() >= (40 - top) * scale - 3
        assert rows.max() <= (52 - top) * scale + 3


def test_a_panning_cameras_ground_stands_still(tmp_path):
    """With the camera's own motion known the ground does not move; without it, it would."""
    wide = ground(160 + 8 * 8)
    pictures = [np.ascontiguousarray(wide[:, 8 * at : 8 * at + 160]) for at in range(8)]
    video = lossless(tmp_path / "a.mp4", pictures)
    drift = np.stack([8.0 * np.arange(8), np.zeros(8)], axis=1)
    quiet = seen(lossless(tmp_path / "b.mp4", [pictures[4]] * 3), track(3))[1]
    inner = slice(3, -3)
    assert apart(seen(video, track(8, drift=drift))[4], quiet)[inner, inner].max() < 15
    assert apart(seen(video, track(8))[4], quiet)[inner, inner].max() > 40


def test_the_square_is_the_box_with_its_margin(tmp_path):
    """The picture's middle is the box's, its side 1.35 times the box's."""
    picture = np.full((*SIZE[::-1], 3), 50, np.uint8)
    picture[30:50, 50:70] = 200  # 20 px about the middle of the box
    video = lossless(tmp_path / "a.mp4", [picture] * 3)
    bright = seen(video, track(3))[1].colours.mean(2) > 125
    rows, columns = np.nonzero(bright)
    assert rows.mean() == pytest.approx(SIDE / 2, abs=1.2)
    assert columns.mean() == pytest.approx(SIDE / 2, abs=1.2)
    assert np.ptp(columns) + 1 == pytest.approx(20 * SIDE / (MARGIN * 40), abs=2)


@pytest.mark.parametrize("box", [Box(0, 0, 40, 40), Box(120, 56, 40, 40), Box(0, 0, 160, 96)])
def test_beyond_the_picture_its_edge_is_held(still, box):
    """Where the square leaves the picture there is more of its edge, never a bar or a motion."""
    for view in seen(still, track(3, box)):
        assert view.colours.min() >= 50
        assert np.ptp(view.motion, axis=2).max() == 0


def test_a_place_the_camera_never_saw(still):
    """A camera that swings away within a moment is no error: what is seen now is still shown."""
    drift = np.array([[0.0, 0], [0, 0], [900, 0]])
    found = seen(still, track(3, drift=drift))
    assert [view.index for view in found] == [0, 1, 2]
    assert min(view.colours.min() for view in found) >= 50


def test_a_mirrored_video_gives_mirrored_views(tmp_path):
    """Left and right are treated alike: mirrored frames and boxes, mirrored views."""
    rng = np.random.default_rng(5)
    pictures = []
    for index in range(5):
        picture = ground(seed=3)
        picture[30:60, 50 + 4 * index : 62 + 4 * index] = rng.integers(0, 255)
        pictures.append(picture)
    straight = lossless(tmp_path / "a.mp4", pictures)
    turned = lossless(tmp_path / "b.mp4", [np.ascontiguousarray(one[:, ::-1]) for one in pictures])
    ours = seen(straight, track(5, Box(40, 20, 40, 40)))
    theirs = seen(turned, track(5, Box(80, 20, 40, 40)))
    for one, other in zip(ours, theirs, strict=True):
        assert np.abs(one.motion.astype(int) - other.motion[:, ::-1]).mean() < 6
        assert np.abs(one.colours.astype(int) - other.colours[:, ::-1]).mean() < 6
