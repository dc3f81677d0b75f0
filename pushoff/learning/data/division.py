"""The division of labelled frames into folds: which fold a group is in. No torch here.

A group is an athlete, else a video (`session`), else a block of time of a video. Each group is in
one fold, so that a model that is fitted without a fold saw none of its groups.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

SplitBy = Literal["athlete", "session", "time"]
"""What is kept apart between folds."""
GroupKind = Literal["athlete", "session"]
"""Groups that stay in their fold for ever."""
GROUP_KINDS: tuple[GroupKind, ...] = ("athlete", "session")
"""The better one first."""


@dataclass(frozen=True)
class Block:
    """A stretch of a video that is divided by time. Between two blocks lies a gap.

    Positions are camera seconds, or numbers of tasks where frames have no times.
    """

    start: float | None
    """Its first position; None: where the video begins."""
    end: float | None
    """Its last position; None: where the video ends."""
    fold: int

    def __contains__(self, position: float) -> bool:
        """Whether the position lies in the block, both ends included."""
        is_late_enough = self.start is None or position >= self.start
        return is_late_enough and (self.end is None or position <= self.end)

    def name(self, video_id: str) -> str:
        """The name of the block as a group: `v1 2.45-4.1`, without the ends that are open."""
        if self.start is None and self.end is None:
            return video_id
        start, end = (
            "" if limit is None else f"{limit:.3f}".rstrip("0").rstrip(".")
            for limit in (self.start, self.end)
        )
        return f"{video_id} {start}-{end}"


@dataclass(frozen=True)
class Division:
    """Which fold each group is in."""

    split_by: SplitBy
    assignments: Mapping[GroupKind, Mapping[str, int]]
    """The fold of every athlete and video that was ever divided, by name."""
    blocks: Mapping[str, tuple[Block, ...]]
    """By video id, in order of time; empty unless divided by time."""

    def fold_at(self, split_group: str, video_id: str, position: float) -> int | None:
        """The fold of a frame; None in a gap, and for a group that is not in the data set."""
        if self.split_by == "time":
            block = self._block_at(video_id, position)
            return block.fold if block else None
        name = split_group if self.split_by == "athlete" else video_id
        return self.assignments[self.split_by].get(name)

    def fold_of_video(self, split_group: str, video_id: str) -> int | None:
        """The fold that all of a video is in; None where it has blocks in several."""
        if self.split_by != "time":
            return self.fold_at(split_group, video_id, 0.0)
        folds = {block.fold for block in self.blocks.get(video_id, ())}
        return folds.pop() if len(folds) == 1 else None

    def is_step_back_from(self, split_by: SplitBy) -> bool:
        """Whether this division keeps less apart than one by `split_by`."""
        order: tuple[SplitBy, ...] = (*GROUP_KINDS, "time")
        return order.index(self.split_by) > order.index(split_by)

    def _block_at(self, video_id: str, position: float) -> Block | None:
        blocks = self.blocks.get(video_id, ())
        return next((block for block in blocks if position in block), None)
