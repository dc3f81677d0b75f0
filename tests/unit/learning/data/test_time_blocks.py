"""Videos that are cut in time."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushoff.learning.data.division import Block
from pushoff.learning.data.folds import FOLDS
from pushoff.learning.data.time_blocks import GAP_TASKS, GAPS_S, cut, divide_by_time
from pushoff.learning.data.video_labels import VideoLabels

WHOLE = (Block(None, None, 0),)


def labels(push_offs, others, video_id="v1", timed=True):
    return VideoLabels(video_id, "ana", tuple(push_offs), tuple(others), timed)


def steps(count, interval_s, video_id="v1"):
    """A push-off every so many seconds, and other frames 1/30 s apart."""
    push_offs = [number * interval_s for number in range(1, count + 1)]
    others = [row / 30 for row in range(round((count + 1) * interval_s * 30))]
    return labels(push_offs, others, video_id)


def inside(block, positions):
    return [position for position in positions if position in block]


@given(
    st.lists(st.integers(0, 400), max_size=40, unique=True),
    st.lists(st.integers(0, 400), min_size=1, max_size=40),
    st.booleans(),
)
def test_blocks_are_apart_and_have_both_classes(push_offs, others, timed):
    """At least the narrow gap lies between two blocks, and at most a third of push-offs in gaps."""
    scale = 50 if timed else 1
    video = labels(
        sorted(number / scale for number in push_offs),
        sorted(number / scale for number in others),
        timed=timed,
    )
    blocks = cut(video)
    if blocks == WHOLE:
        return
    assert 2 <= len(blocks) <= FOLDS
    for before, after in pairwise(blocks):
        assert after.start - before.end >= (GAPS_S[-1] if timed else GAP_TASKS) - 0.002
    assert all(inside(block, video.push_offs) and inside(block, video.others) for block in blocks)
    kept = sum(len(inside(block, video.push_offs)) for block in blocks)
    assert kept >= 2 / 3 * len(push_offs)


@pytest.mark.parametrize(
    ("video", "gap", "blocks"),
    [
        (steps(40, 0.25), 0.5, 5),
        (steps(20, 0.25), 0.5, 4),
        (steps(3, 0.25), 0.14, 3),
        (steps(1, 0.25), None, 1),
        (labels([0.0, 0.1], [0.05]), None, 1),
        (labels([5.0, 90.0], range(100), timed=False), 2.0, 2),
    ],
)
def test_the_gap_is_as_wide_as_the_video_allows(video, gap, blocks):
    """Half a second where that costs little, else 0.14 s; a short video is one block."""
    found = cut(video)
    assert len(found) == blocks
    for before, after in pairwise(found):
        assert after.start - before.end == pytest.approx(gap, abs=0.002)


def test_push_offs_are_never_all_in_the_last_block():
    """They come late in the video: the cuts follow them."""
    video = labels([8 + number / 2 for number in range(8)], [row / 10 for row in range(120)])
    counts = [len(inside(block, video.push_offs)) for block in cut(video)]
    assert len(counts) >= 3 and max(counts) <= 3


def test_blocks_are_kept():
    """Also when the video has more labels, and a second video comes."""
    before = divide_by_time([steps(20, 0.5)], {}, 1)
    after = divide_by_time([steps(24, 0.5), steps(3, 0.5, "v2")], before, 1)
    assert after["v1"] == before["v1"] and after.keys() == {"v1", "v2"}


@pytest.mark.parametrize(
    "previous",
    [
        (Block(None, 1.25, 0), Block(1.75, None, 1)),  # one push-off against 17
        (Block(None, 4.7, 0), Block(4.84, None, 1)),  # a gap that is narrower than it has to be
        WHOLE,
    ],
)
def test_blocks_are_replaced_by_better_ones(previous):
    """Where they are not balanced, have narrow gaps, or nothing can be held out."""
    video = steps(20, 0.5)
    assert divide_by_time([video], {"v1": previous}, 1) == divide_by_time([video], {}, 1)


def test_nothing_can_be_held_out():
    """One push-off in all: each video is one block, and all are in one fold."""
    videos = [steps(1, 0.25), labels([], [0.0, 1.0], "v2")]
    assert divide_by_time(videos, {}, 1) == {"v1": WHOLE, "v2": WHOLE}
