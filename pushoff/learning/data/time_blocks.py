"""Blocks of time as folds, where no athlete or video can be held out. Optimistic. Pure functions.

Neighbouring blocks of a video share athlete, clothes, light and camera, so this division is used
only as long as there is no other.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from pushoff.learning.data.division import Block
from pushoff.learning.data.folds import (
    FOLDS,
    MAX_SHARE,
    GroupSize,
    assign_folds,
    can_hold_out,
    fold_sizes,
    largest_share,
)
from pushoff.learning.data.video_labels import VideoLabels

GAPS_S = (0.5, 0.14)
"""Between two blocks, camera seconds: the first where the video is long enough. In 0.5 s an athlete
takes another pose. Neighbours at 240/s are near-duplicates, and heads see 1/15 s to either side:
0.14 s at least."""
GAP_TASKS = 2.0
"""Where frames have no times: the nearest on both sides are dropped."""
MAX_DROPPED_SHARE = 1 / 3
"""Of a video's span and of its push-offs, in gaps."""

Blocks = dict[str, tuple[Block, ...]]


def divide_by_time(
    videos: Sequence[VideoLabels], previous: Mapping[str, tuple[Block, ...]], seed: int
) -> Blocks:
    """The blocks of each video, by video id.

    A video that is in `previous` keeps its blocks, unless new ones are better: any fold can be held
    out, none has more than MAX_SHARE of all push-offs, or the gaps are wider. Where no division can
    hold out anything every video is one block in fold 0.
    """
    qualities: list[tuple[bool, bool, float]] = []
    divided: list[Blocks] = []
    for earlier in (previous, {}):
        blocks, sizes = _divide(videos, earlier, seed)
        is_balanced = largest_share(sizes) <= MAX_SHARE
        qualities.append((can_hold_out(sizes), is_balanced, round(_narrowest_gap(blocks), 2)))
        divided.append(blocks)
    best = max(qualities)
    if not best[0]:
        return {video.video_id: (Block(None, None, 0),) for video in videos}
    return divided[qualities.index(best)]


def _narrowest_gap(blocks: Blocks) -> float:
    """Of all videos; infinite where none is cut."""
    gaps = [
        (after.start or 0.0) - (before.end or 0.0)
        for row in blocks.values()
        for before, after in pairwise(row)
    ]
    return min(gaps, default=math.inf)


def _divide(
    videos: Sequence[VideoLabels], previous: Mapping[str, tuple[Block, ...]], seed: int
) -> tuple[Blocks, list[GroupSize]]:
    """The blocks with their folds, and what each fold has."""
    blocks = {video.video_id: previous.get(video.video_id) or cut(video) for video in videos}
    sizes = {
        block.name(video.video_id): _size(video, block)
        for video in videos
        for block in blocks[video.video_id]
    }
    earlier = {
        block.name(video_id): block.fold
        for video_id in blocks
        for block in previous.get(video_id, ())
    }
    assigned = assign_folds(sizes, earlier, seed)
    divided = {
        video_id: tuple(replace(block, fold=assigned[block.name(video_id)]) for block in row)
        for video_id, row in blocks.items()
    }
    return divided, fold_sizes(sizes, assigned)


def cut(video: VideoLabels) -> tuple[Block, ...]:
    """Blocks of about equally many push-offs, all in fold 0; one where the video is too short.

    Each has push-offs and other frames. The wide gap is preferred to more blocks.
    """
    for gap in GAPS_S if video.timed else (GAP_TASKS,):
        for count in range(min(FOLDS, len(video.push_offs)), 1, -1):
            blocks = _cut_into(video, count, gap)
            sizes = [_size(video, block) for block in blocks]
            kept = sum(size.push_offs for size in sizes)
            if (
                (count - 1) * gap <= MAX_DROPPED_SHARE * video.span
                and kept >= (1 - MAX_DROPPED_SHARE) * len(video.push_offs)
                and all(size.push_offs and size.others for size in sizes)
            ):
                return blocks
    return (Block(None, None, 0),)


def _cut_into(video: VideoLabels, count: int, gap: float) -> tuple[Block, ...]:
    """`count` blocks, cut midway between two push-offs."""
    push_offs = video.push_offs
    numbers = [round(len(push_offs) * block / count) for block in range(1, count)]
    middles = [(push_offs[number - 1] + push_offs[number]) / 2 for number in numbers]
    starts = [None, *(round(middle + gap / 2, 3) for middle in middles)]
    ends = [*(round(middle - gap / 2, 3) for middle in middles), None]
    return tuple(Block(start, end, 0) for start, end in zip(starts, ends, strict=True))


def _size(video: VideoLabels, block: Block) -> GroupSize:
    push_offs = sum(position in block for position in video.push_offs)
    return GroupSize(push_offs, sum(position in block for position in video.others))
