"""The choice how labels are divided: by athlete, else by video, else by time. Pure functions."""

from collections.abc import Sequence

from pushoff.learning.data.division import GROUP_KINDS, Division, GroupKind
from pushoff.learning.data.folds import (
    MAX_SHARE,
    GroupSize,
    assign_folds,
    can_hold_out,
    fold_sizes,
    largest_share,
)
from pushoff.learning.data.time_blocks import divide_by_time
from pushoff.learning.data.video_labels import VideoLabels


def choose_division(
    videos: Sequence[VideoLabels], previous: Division | None, seed: int
) -> Division:
    """The first kind of group that balances: athletes, else videos, else blocks of time.

    Athletes are a kind of group only where one is named. A kind balances when any fold can be held
    out and none has more than MAX_SHARE of all push-offs. Where no kind of group gets below that
    share, the first is taken of which any fold can be held out. The kind in use needs no more than
    that either: the better one is left only when its labels are deleted. Groups keep the fold that
    they have had in a division of this kind; a division by time is left at once, for nothing in it
    is independent.
    """
    earlier = dict(previous.assignments) if previous else {}
    assigned: dict[GroupKind, dict[str, int]] = {}
    balanced: dict[GroupKind, bool] = {}
    names_athletes = any(video.split_group != video.video_id for video in videos)
    for kind in GROUP_KINDS if names_athletes else GROUP_KINDS[1:]:
        groups = _group_sizes(videos, kind)
        folds = assign_folds(groups, earlier.get(kind, {}), seed)
        sizes = fold_sizes(groups, folds)
        if can_hold_out(sizes):
            is_in_use = previous is not None and previous.split_by == kind
            assigned[kind] = folds
            balanced[kind] = is_in_use or largest_share(sizes) <= MAX_SHARE
    if not assigned:
        blocks = previous.blocks if previous else {}
        return Division("time", earlier, divide_by_time(videos, blocks, seed))
    chosen = next((kind for kind in assigned if balanced[kind]), next(iter(assigned)))
    names = {**earlier.get(chosen, {}), **assigned[chosen]}
    return Division(chosen, {**earlier, chosen: dict(sorted(names.items()))}, {})


def _group_sizes(videos: Sequence[VideoLabels], kind: GroupKind) -> dict[str, GroupSize]:
    sizes: dict[str, GroupSize] = {}
    for video in videos:
        name = video.split_group if kind == "athlete" else video.video_id
        size = GroupSize(len(video.push_offs), len(video.others))
        sizes[name] = sizes.get(name, GroupSize()) + size
    return sizes
