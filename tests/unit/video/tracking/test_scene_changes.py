"""Interruptions, several people, and videos in which nobody can be tracked."""

import cv2
import numpy as np
import pytest

from pushoff.video.tracking.athlete import find_athlete
from tests.unit.video.tracking.test_athlete import FULL, _person, inside, panned, scene


def centre_x(track):
    """(N,) middles of the boxes."""
    return np.array([box.x_px + box.width_px / 2 for box in track.boxes])


@pytest.mark.parametrize("repeat", [1, 2])
def test_who_is_followed_by_a_panning_camera_is_found(repeat):
    """A panning camera's athlete is in every box, also where the video repeats its pictures."""
    pictures, centres = panned(repeat=repeat)
    track = find_athlete(pictures, FULL)
    assert track.camera == "panning"
    assert track.direction == "right"
    assert np.mean(track.found) > 0.9
    assert inside(track, centres) > 0.95
    assert track.warnings == ()


@pytest.mark.parametrize("video", [scene, panned])
def test_a_mirrored_video_mirrors_boxes_and_direction(video):
    """Left and right mean the same to the tracker."""
    pictures, _ = video()
    straight = find_athlete(pictures, FULL)
    turned = find_athlete(np.ascontiguousarray(pictures[:, :, ::-1]), FULL)
    assert (straight.direction, turned.direction) == ("right", "left")
    assert straight.camera == turned.camera
    apart = np.abs(centre_x(straight) - (FULL[0] - centre_x(turned)))
    assert np.percentile(apart, 90) < 40


def test_a_knocked_camera_is_told_with_its_second():
    """The place does not compare before and after a knock, and the coach hears when it was."""
    pictures, centres = scene()
    knocked = pictures.copy()
    knocked[50:] = np.roll(pictures[50:], 6, axis=2)
    track = find_athlete(knocked, FULL, np.arange(len(pictures)) / 20)
    assert any("bumped at 2.50 s" in text for text in track.warnings)
    assert inside(track, centres + np.where(np.arange(80) >= 50, 24, 0)[:, None] * [1, 0]) > 0.9


def test_a_quiet_video_has_no_warnings():
    """Nothing is told of a video in which nothing is wrong, swaying tripod included."""
    assert find_athlete(scene(shake=2.0)[0], FULL).warnings == ()


def test_a_cut_is_told_with_its_frame():
    """Two videos in one file are two runs."""
    pictures = np.concatenate([scene(seed=0)[0][:60], scene(seed=7)[0]])
    track = find_athlete(pictures, FULL)
    assert any("cut at frame 60" in text for text in track.warnings)
    assert (60,) == track.cuts
    assert np.mean(track.found[:60]) > 0.9
    assert np.mean(track.found[60:]) > 0.9


def test_nothing_is_found_in_the_black():
    """A black stretch is told, its frames have no athlete, those around it have."""
    pictures, centres = scene()
    pictures[40:50] = 16
    track = find_athlete(pictures, FULL, np.arange(len(pictures)) / 10)
    assert any("black from 4.00 s to 4.90 s" in text for text in track.warnings)
    assert not any(track.found[40:50])
    assert np.mean(track.found[:40] + track.found[50:]) > 0.9
    assert inside(track, centres) > 0.95


@pytest.mark.parametrize("noise", [0, 10])
def test_grey_is_not_called_black(noise):
    """A stretch of one grey, or of nothing but noise, is told as what it is: nothing is seen in
    it, and it is not black."""
    pictures, _ = scene()
    shape = (10, *pictures.shape[1:])
    grain = noise * np.random.default_rng(0).standard_normal(shape)
    pictures[40:50] = np.clip(128 + grain, 0, 255).astype(np.uint8)
    track = find_athlete(pictures, FULL, np.arange(len(pictures)) / 10)
    blank = "The video is blank (a single colour, or noise) from 4.00 s"
    assert any(blank in text for text in track.warnings)
    assert not any("black" in text for text in track.warnings)
    assert not any(track.found[40:50])


def test_a_frozen_picture_is_told():
    """Repeated pictures of a video that stands hold no athlete to time."""
    pictures, _ = scene()
    pictures[40:60] = pictures[39]
    track = find_athlete(pictures, FULL)
    assert any("frozen from frame 40 to frame 59" in text for text in track.warnings)
    assert not any(track.found[40:60])
    assert np.mean(track.found[:40]) > 0.9


def test_who_has_left_is_not_found():
    """Frames after the athlete has left the picture have no athlete."""
    pictures, _ = scene(count=60)
    empty = scene(count=30, walks=False, seed=0)[0]
    place = empty.copy()
    place[:, 80:145, 15:46] = pictures[-30:, 80:145, 15:46]  # who waits there had gone
    track = find_athlete(np.concatenate([pictures, place]), FULL)
    assert np.mean(track.found[:55]) > 0.9
    assert not any(track.found[64:])


def test_two_who_travel_are_told_and_the_larger_followed():
    """With two people crossing, the nearer one is followed and the video says so."""
    pictures, centres = scene(rests=0)
    for index, picture in enumerate(pictures):
        far = np.zeros((80, 60), np.uint8)
        _person(far, 30, 40, np.sin(index / 2))
        far = cv2.resize(far, None, fx=0.6, fy=0.6, interpolation=cv2.INTER_NEAREST)
        x = round(270 - 3.2 * index)
        part = picture[30 : 30 + far.shape[0], x : x + far.shape[1]]
        np.copyto(part, far[:, : part.shape[1]], where=far[:, : part.shape[1]] > 0)
    track = find_athlete(pictures, FULL)
    assert any("Two people move" in text for text in track.warnings)
    assert inside(track, centres) > 0.9


def test_nobody_is_a_warning():
    """Without an athlete there is a sentence for the coach and no direction."""
    track = find_athlete(scene(walks=False)[0], FULL)
    assert any("No athlete" in text for text in track.warnings)
    assert track.direction is None


def test_a_portrait_video_is_fine():
    """A phone held upright gives boxes inside its narrow picture."""
    pictures, _ = scene()
    tall = np.ascontiguousarray(pictures[:, :, 60:240])
    tall = np.concatenate([tall, np.full_like(tall, 120)], axis=1)
    track = find_athlete(tall, (720, 1440))
    assert np.mean(track.found) > 0.4
    for box in track.boxes:
        assert box.x_px + box.width_px <= 720
        assert box.y_px + box.height_px <= 1440


@pytest.mark.parametrize(("count", "many"), [(1, "1 frame"), (3, "3 frames"), (7, "7 frames")])
def test_a_video_too_short_is_told(count, many):
    """A video of a few frames is called too short, in a sentence, and nobody is found in it."""
    track = find_athlete(scene()[0][:count], FULL)
    assert (f"This video is too short to analyse: it has only {many}.",) == track.warnings
    assert not any(track.found)
