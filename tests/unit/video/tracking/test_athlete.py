from pathlib import Path

import cv2
import numpy as np
import pytest

from pushoff.synthetic.render import DrillSpec, render_drill
from pushoff.video.decoding.decode import decode
from pushoff.video.decoding.probe import probe
from pushoff.video.tracking.athlete import find_athlete

CLIPS = Path(__file__).resolve().parents[5] / "shared" / "data"
FULL = (1280, 720)


def scene(count=80, shake=0.0, pan=0.0, walks=True, rests=20, seed=0):
    """(N, 180, 320) uint8: a textured place, somebody who waits, then crosses to the right."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(40, 200, (50, 160), np.uint8)
    place = cv2.resize(coarse, (320 * 3, 180 + 60), interpolation=cv2.INTER_NEAREST)
    pictures, centres = [], []
    for index in range(count):
        left = round(320 + shake * np.sin(index / 4) + pan * index)
        top = round(30 + 0.5 * shake * np.cos(index / 5))
        picture = place[top : top + 180, left : left + 320].copy()
        step = max(index - rests, 0) if walks else 0
        x, y = 30 + step * 250 / max(count - rests, 1), 110 + 4 * np.sin(index / 3)
        _person(picture, round(x), round(y), np.sin(index / 2) if step else 0.3)
        cv2.circle(picture, (260, 60 + round(2 * np.sin(index))), 4, 10, -1)  # somebody waves
        noisy = picture + rng.normal(0, 2, picture.shape)
        pictures.append(np.clip(noisy, 0, 255).astype(np.uint8))
        centres.append((x * 4, y * 4))
    return np.stack(pictures), np.array(centres)


def panned(count=60, walks=True, repeat=1):
    """(N, 180, 320) uint8 and (N, 2) centres: a camera that follows somebody to the right."""
    rng = np.random.default_rng(3)
    coarse = cv2.resize(rng.integers(60, 190, (16, 110), np.uint8), (880, 180))
    pictures, centres = [], []
    for index in range(count):
        step = index // repeat * repeat
        picture = coarse[:, 5 * step : 5 * step + 320].copy()
        x, y = 150 + 15 * np.sin(step / 9), 100 + 6 * np.sin(step / 3)
        if walks:
            _person(picture, round(x), round(y), np.sin(step / 2))
        pictures.append(picture)
        centres.append((x * 4, y * 4))
    return np.stack(pictures), np.array(centres)


def _person(picture, x, y, stride):
    cv2.circle(picture, (x, y - 22), 5, 60, -1)
    cv2.rectangle(picture, (x - 6, y - 17), (x + 6, y - 2), 255, -1)
    cv2.rectangle(picture, (x - 6, y - 2), (x + 6, y + 6), 10, -1)
    for side in (-1, 1):
        foot = (round(x + side * 12 * stride), y + 24)
        cv2.line(picture, (x, y + 4), foot, 150, 4)
        cv2.line(picture, (x, y - 14), (round(x - side * 11 * stride), y - 2), 150, 3)


def inside(track, centres, found_only=True):
    """Share of frames whose box holds the true centre, with some room."""
    hits = []
    for box, found, (x, y) in zip(track.boxes, track.found, centres, strict=True):
        if found or not found_only:
            across, down = (x - box.x_px) / box.width_px, (y - box.y_px) / box.height_px
            hits.append(0.1 < across < 0.9 and 0.1 < down < 0.9)
    return float(np.mean(hits))


@pytest.mark.parametrize("shake", [0.0, 3.0])
def test_who_crosses_is_the_athlete(shake):
    """The one who travels is followed, also while waiting, also from a swaying tripod."""
    pictures, centres = scene(shake=shake)
    track = find_athlete(pictures, FULL)
    assert np.mean(track.found) > 0.9
    assert inside(track, centres) > 0.95
    assert "athlete found" in track.note


def test_boxes_are_square_of_one_size_and_in_the_picture():
    """Every crop of a video shows the same scale."""
    track = find_athlete(scene()[0], FULL)
    assert {(box.width_px, box.height_px) for box in track.boxes} == {
        (track.boxes[0].width_px,) * 2
    }
    for box in track.boxes:
        assert box.x_px >= 0 <= box.y_px
        assert box.x_px + box.width_px <= 1280
        assert box.y_px + box.height_px <= 720


def test_nobody_followed_by_a_moving_camera_is_said():
    """A camera that sweeps over an empty place gives whole frames and a warning, no athlete."""
    pictures, _ = panned(walks=False)
    track = find_athlete(pictures, FULL)
    assert not any(track.found)
    assert {tuple(box.as_list()) for box in track.boxes} == {(0, 0, 1280, 720)}
    assert any("No athlete" in text for text in track.warnings)


def test_nobody_there():
    """An empty runway, or somebody who only waits, is no athlete."""
    assert "no one moves across" in find_athlete(scene(walks=False)[0], FULL).note


@pytest.mark.parametrize("count", [0, 1, 5])
def test_hardly_any_frames(count):
    """A video of a few frames gets whole-frame boxes."""
    track = find_athlete(np.zeros((count, 90, 160), np.uint8), FULL)
    assert len(track.boxes) == len(track.found) == count


def test_a_rendered_drill(tmp_path):
    """The athlete of a rendered drill is in the box at every push-off, the other person is not."""
    path = tmp_path / "a.mp4"
    truth = render_drill(path, DrillSpec(push_offs=4, capture_fps=60, direction="left"))
    gray = decode(path, probe(path, None), max_width_px=480, gray=True)
    track = find_athlete(np.stack([frame.image for frame in gray.frames()]), (640, 360))
    for frame, (x, y) in zip(truth.push_off_frames, truth.toes_px, strict=True):
        box = track.boxes[frame]
        assert track.found[frame]
        assert box.x_px < x < box.x_px + box.width_px
        assert box.y_px < y < box.y_px + box.height_px


@pytest.mark.parametrize("name", ["b4.mp4", "b2.mp4"])
def test_a_real_sprint_start(name):
    """A real sprinter is found from the crouch on and no longer once out of the picture."""
    path = CLIPS / "sprint" / name
    if not path.exists():
        pytest.skip("the labelled clips are not on this machine")
    gray = decode(path, probe(path, None), max_width_px=480, gray=True)
    track = find_athlete(np.stack([frame.image for frame in gray.frames()]), FULL)
    assert np.mean(track.found[:130]) > 0.97
    assert not any(track.found[-4:])
    assert (track.camera, track.direction, track.warnings) == ("fixed", "right", ())
    assert track.boxes[0].x_px < 100
    assert track.boxes[0].x_px + track.boxes[0].width_px < 640
    assert 150 < track.boxes[0].width_px < 400


def test_a_real_triple_jump_from_a_panning_camera():
    """A jumper whom a broadcast camera follows is in the box, near its middle."""
    path = CLIPS / "triple_jump" / "tj_benchmark_2.mp4"
    if not path.exists():
        pytest.skip("the labelled clips are not on this machine")
    gray = decode(path, probe(path, None), max_width_px=320, gray=True, indices=range(120))
    track = find_athlete(np.stack([frame.image for frame in gray.frames()]), FULL)
    assert (track.camera, track.direction, track.warnings) == ("panning", "right", ())
    assert np.mean(track.found) > 0.95
    middles = [box.x_px + box.width_px / 2 for box in track.boxes]
    assert 350 < min(middles) <= max(middles) < 800
    assert min(box.height_px for box in track.boxes) > 450
