"""The strip of the athlete around a frame."""

import numpy as np
import pytest

from pushoff.values import Box, Frame, FrameRef
from pushoff.video.athlete_strip import CROP_PX, AthleteStrips, strip_frames

RED = (255, 0, 0)


def video(count: int = 12, rate: float = 30.0) -> tuple[list[Frame], list[Box]]:
    """A grey place where a red square moves to the right and rises in the second half."""
    frames, boxes = [], []
    for index in range(count):
        image = np.full((240, 640, 3), 90, np.uint8)
        left, top = 40 + 30 * index, 140 - (3 if index >= count // 2 else 0)
        image[top : top + 40, left : left + 20] = RED
        frames.append(Frame(FrameRef("v", index, index / rate), image))
        boxes.append(Box(left - 15, top - 5, 50, 50))
    return frames, boxes


def strips_of(chosen, frames, boxes, rate=30.0) -> dict[int, np.ndarray]:
    """Of one pass over the frames that are asked for, as a decoder gives them."""
    maker = AthleteStrips(chosen, boxes, rate)
    made = {}
    for frame in frames:
        if frame.ref.index in maker.frames:
            made |= dict(maker.add(frame))
    return made | dict(maker.rest())


def picture(strip: np.ndarray, place: int) -> np.ndarray:
    """One of the five pictures, without its caption."""
    left = place * (CROP_PX + 4)
    return strip[:CROP_PX, left : left + CROP_PX]


def top_of_athlete(image: np.ndarray) -> int:
    """The first row with red in it; the mark around the picture is no athlete."""
    inner = image[8:-8, 8:-8].astype(int)
    return int(np.flatnonzero((inner[..., 0] - inner[..., 1] > 120).any(axis=1))[0])


@pytest.mark.parametrize(
    ("rate", "step"), [(25, 1), (30, 1), (60, 1), (120, 1), (240, 2), (480, 4), (1000, 8)]
)
def test_pictures_are_neighbours_or_a_120th_of_a_second_apart(rate, step):
    """Neighbouring frames at 30/s, every 8.3 ms at 240/s; the frame in the middle."""
    assert strip_frames(100, rate) == tuple(100 + step * place for place in (-2, -1, 0, 1, 2))


def test_the_athlete_is_enlarged_and_followed_but_not_upwards():
    """In each picture in the middle from left to right; a jump shows as a jump."""
    frames, boxes = video()
    strip = strips_of([5], frames, boxes)[5]
    tops = [top_of_athlete(picture(strip, place)) for place in range(5)]
    assert max(tops[:3]) - min(tops[:3]) <= 2
    assert tops[2] - tops[3] == pytest.approx(3 * CROP_PX / 50, abs=4)
    for place in range(5):
        red = picture(strip, place)[8:-8, 8:-8].astype(int)
        columns = np.flatnonzero((red[..., 0] - red[..., 1] > 120).any(axis=0))
        assert columns.mean() + 8 == pytest.approx(CROP_PX / 2, abs=8)
        assert np.ptp(columns) == pytest.approx(20 * CROP_PX / 50, abs=6)


def test_only_the_frame_itself_is_marked():
    """By an edge that the other pictures do not have."""
    frames, boxes = video()
    strip = strips_of([5], frames, boxes)[5]
    marked = [tuple(picture(strip, place)[2, CROP_PX // 2]) != (90, 90, 90) for place in range(5)]
    assert marked == [False, False, True, False, False]


def test_several_strips_are_made_in_one_pass():
    """Each as if it were made alone, and each frame is asked for once."""
    frames, boxes = video()
    together = strips_of([3, 4, 8], frames, boxes)
    assert sorted(together) == [3, 4, 8]
    for chosen, strip in together.items():
        assert np.array_equal(strip, strips_of([chosen], frames, boxes)[chosen])


def test_at_the_ends_of_the_video_pictures_are_left_empty():
    """The frame stays in the middle; also of a video that ends before it said."""
    frames, boxes = video()
    first = strips_of([0], frames, boxes)[0]
    assert len(np.unique(picture(first, 0).reshape(-1, 3), axis=0)) == 1
    assert top_of_athlete(picture(first, 2)) > 0
    cut = strips_of([10], frames[:11], boxes)[10]
    assert len(np.unique(picture(cut, 3).reshape(-1, 3), axis=0)) == 1
    assert cut.shape == first.shape


def test_nothing_chosen_needs_no_frame():
    """Whole-video projects have frames of labels, and no strips."""
    assert AthleteStrips((), (), 30.0).frames == []
