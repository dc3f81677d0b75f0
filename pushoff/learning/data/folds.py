"""Assignment of groups to folds, so that push-offs are balanced. Pure functions."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from pushoff.util.canonical_json import canonical_json

FOLDS = 5
"""Folds at most; each is held out once."""
MAX_SHARE = 0.6
"""Of all push-offs, in one fold, where that can be avoided."""


@dataclass(frozen=True)
class GroupSize:
    """What is labelled of a group, or of a fold."""

    push_offs: int = 0
    """Events: frames of one push-off count once."""
    others: int = 0
    """Frames without a push-off."""

    def __add__(self, other: "GroupSize") -> "GroupSize":
        return GroupSize(self.push_offs + other.push_offs, self.others + other.others)

    @property
    def labels(self) -> int:
        """All that is labelled."""
        return self.push_offs + self.others


def assign_folds(
    groups: Mapping[str, GroupSize], previous: Mapping[str, int], seed: int
) -> dict[str, int]:
    """A fold for each group; earlier assignments, `previous`, are kept.

    Each new group with push-offs, the largest first, goes to the fold with the fewest push-offs.
    There are as many of these folds as groups with push-offs, at most FOLDS. Groups without
    push-offs, which may have some later, go to the fold with the fewest labels and may open
    further folds. Equal folds are filled from the last one down: in a first division fold 0, which
    a retrained backbone holds out, is the smallest, and most is left to train on.
    """
    assigned = {name: previous[name] for name in groups if name in previous}
    sizes = fold_sizes(groups, assigned)
    new = sorted(
        (name for name in groups if name not in assigned),
        key=lambda name: (-groups[name].push_offs, -groups[name].others, _hash(seed, name)),
    )
    with_push_offs = min(FOLDS, sum(size.push_offs > 0 for size in groups.values()))
    for name in new:
        size = groups[name]
        if size.push_offs:
            fold = min(
                range(with_push_offs),
                key=lambda fold: (sizes[fold].push_offs, sizes[fold].labels, -fold),
            )
        else:
            fold = min(range(min(FOLDS, len(groups))), key=lambda fold: (sizes[fold].labels, -fold))
        assigned[name] = fold
        sizes[fold] += size
    return assigned


def fold_sizes(groups: Mapping[str, GroupSize], assigned: Mapping[str, int]) -> list[GroupSize]:
    """FOLDS sums of the groups in each fold."""
    sizes = [GroupSize()] * FOLDS
    for name, fold in assigned.items():
        sizes[fold] += groups[name]
    return sizes


def can_hold_out(sizes: list[GroupSize]) -> bool:
    """Whether each fold that is left out leaves push-offs and other frames to train on."""
    return all(
        sum(count > 0 for count in counts) >= 2
        for counts in ([size.push_offs for size in sizes], [size.others for size in sizes])
    )


def largest_share(sizes: list[GroupSize]) -> float:
    """The largest share of all push-offs that one fold has; 1 without push-offs."""
    push_offs = [size.push_offs for size in sizes]
    return max(push_offs) / sum(push_offs) if any(push_offs) else 1.0


def _hash(seed: int, name: str) -> bytes:
    return hashlib.sha256(canonical_json([seed, name])).digest()
