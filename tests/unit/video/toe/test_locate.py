import numpy as np
import pytest

from pushoff.values import Box
from pushoff.video.toe.locate import contact_frames, frames_needed, locate_toes

W, H, STEP = 640, 240, 8
EVENT, COUNT = 60, 120
TOE = (219.0, 199.0)
"""Right and low end of the painted shoe."""
BOX = Box(180, 64, 150, 150)


def ground():
    """(H, W, 3) uint8 of a grainy runway that is nobody's colour."""
    grain = np.random.default_rng(3).integers(-12, 13, (H, W, 1))
    return np.clip(np.array([150, 110, 100]) + grain, 0, 255).astype(np.uint8)


def athlete(image, *, lift=0, shadow=False):
    """The same place with somebody who pushes off to the right, the foot behind the hips."""
    image = image.copy()
    if shadow:
        dark = image[200:206, 200:330] * np.array([0.5, 0.5, 0.55])
        image[200:206, 200:330] = dark.astype(np.uint8)
    image[90:130, 246:268] = (20, 30, 160)  # trunk and hips
    for share in np.linspace(0, 1, 80):  # from the hips back to the ankle
        x, y = int(252 - 42 * share), int(128 + 60 * share)
        image[y - lift : y + 7 - lift, x : x + 11] = (20, 20, 120)
    image[192 - lift : 200 - lift, 206:220] = (240, 240, 240)  # the shoe
    image[130:160, 262:276] = (20, 20, 120)  # the free knee
    return image


def video(*, shadow=False, person=True):
    """Frames by index and boxes of a video in which the athlete is seen around EVENT only."""
    rng = np.random.default_rng(0)
    boxes = [BOX if abs(i - EVENT) < 20 else Box(480, 64, 150, 150) for i in range(COUNT)]
    place, frames = ground(), {}
    for index in frames_needed([EVENT], COUNT, boxes, STEP):
        seen = person and boxes[index] == BOX
        image = athlete(place, shadow=shadow) if seen else place
        noise = rng.integers(-2, 3, image.shape)
        frames[index] = np.clip(image + noise, 0, 255).astype(np.uint8)
    return frames, boxes


def mirrored(frames, boxes):
    """The same video in a mirror."""
    flipped = {index: image[:, ::-1].copy() for index, image in frames.items()}
    turned = [Box(W - b.x_px - b.width_px, b.y_px, b.width_px, b.height_px) for b in boxes]
    return flipped, turned


@pytest.mark.parametrize("shadow", [False, True])
def test_the_toe_is_the_front_of_the_lowest_foot(shadow):
    """Within 3 px of the painted sole's front, and sure of it, with a shadow on the ground too."""
    frames, boxes = video(shadow=shadow)
    toe = locate_toes(frames, [EVENT], boxes, "right", STEP)[0]
    assert (toe.x_px, toe.y_px) == pytest.approx(TOE, abs=3)
    assert 0.8 <= toe.uncertainty_px < 4


def test_a_mirrored_video_mirrors_the_toe():
    """Seen in a mirror the toe lies as far from the other edge."""
    frames, boxes = video()
    toe = locate_toes(frames, [EVENT], boxes, "right", STEP)[0]
    other = locate_toes(*_with_event(mirrored(frames, boxes)), "left", STEP)[0]
    assert other.x_px == pytest.approx(W - 1 - toe.x_px, abs=1.5)
    assert other.y_px == pytest.approx(toe.y_px, abs=1)


def _with_event(video_and_boxes):
    frames, boxes = video_and_boxes
    return frames, [EVENT], boxes


def test_nobody_has_no_toe():
    """An empty runway gives None, and so do an event outside the video and missing pictures."""
    frames, boxes = video(person=False)
    assert locate_toes(frames, [EVENT], boxes, "right", STEP) == [None]
    assert locate_toes(frames, [-1, COUNT], boxes, "right", STEP) == [None, None]
    assert locate_toes({}, [EVENT], boxes, "right", STEP) == [None]


def test_without_an_empty_place_there_is_no_toe():
    """Where the box never leaves the place, or is the whole frame, nothing is made up."""
    frames, boxes = video()
    contact = {index: image for index, image in frames.items() if boxes[index] == BOX}
    assert locate_toes(contact, [EVENT], boxes, "right", STEP) == [None]
    whole = [Box(0, 0, W, H)] * COUNT
    assert locate_toes(frames, [EVENT], whole, "right", STEP) == [None]


def test_another_view_is_no_empty_place():
    """Pictures from before a cut are not compared with those after it."""
    frames, boxes = video()
    rng = np.random.default_rng(9)
    strange = rng.integers(0, 255, (H // 8, W // 8, 3)).repeat(8, 0).repeat(8, 1).astype(np.uint8)
    cut = {i: image if boxes[i] == BOX else strange for i, image in frames.items()}
    assert locate_toes(cut, [EVENT], boxes, "right", STEP) == [None]


def test_sightings_that_disagree_make_it_uncertain():
    """A foot that is elsewhere in each of the last frames is known less well than one at rest."""
    frames, boxes = video()
    sure = locate_toes(frames, [EVENT], boxes, "right", STEP)[0]
    for back, index in enumerate(contact_frames(EVENT, STEP)):
        frames[index] = athlete(ground(), lift=7 * back)
    unsure = locate_toes(frames, [EVENT], boxes, "right", STEP)[0]
    assert unsure is None or unsure.uncertainty_px > 2 * sure.uncertainty_px


def test_without_a_direction_it_is_less_sure():
    """Which end of the sole is its front is then not known."""
    frames, boxes = video()
    sure = locate_toes(frames, [EVENT], boxes, "right", STEP)[0]
    unsure = locate_toes(frames, [EVENT], boxes, None, STEP)[0]
    assert unsure.uncertainty_px > sure.uncertainty_px
    assert abs(unsure.x_px - TOE[0]) < 12


def test_pictures_may_come_one_at_a_time():
    """A generator of pairs, in any order of events, gives what a mapping gives."""
    frames, boxes = video()
    wanted = [EVENT, EVENT - 1]
    held = locate_toes(frames, wanted, boxes, "right", STEP)
    assert locate_toes(iter(frames.items()), wanted, boxes, "right", STEP) == held
    assert held[0] is not None


def test_the_frames_asked_for_are_in_the_video():
    """Sorted, inside the video, the contact's last ones among them, and no more than needed."""
    _, boxes = video()
    needed = frames_needed([0, EVENT, COUNT - 1, COUNT + 5], COUNT, boxes, STEP)
    assert needed == sorted(set(needed)) and 0 <= needed[0] and needed[-1] < COUNT
    assert set(contact_frames(EVENT, STEP)) <= set(needed)
    assert len(needed) < 60
    assert frames_needed([], COUNT, boxes, STEP) == []
    assert contact_frames(1, 8) == [1, 0] and contact_frames(9, 1) == [9, 8]
