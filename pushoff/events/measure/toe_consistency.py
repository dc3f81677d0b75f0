"""Dropping toe positions that contradict each other: each contact is further along the runway."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from pushoff.events.drill.visibility_gaps import VisibilityGap
from pushoff.events.values import Direction, PushOffEvent


@dataclass(frozen=True)
class _Toe:
    index: int
    event: PushOffEvent
    forward_px: float
    """Position along the direction of travel."""


def drop_inconsistent_toes(
    events: Sequence[PushOffEvent], direction: Direction | None, gaps: Sequence[VisibilityGap] = ()
) -> list[PushOffEvent]:
    """The push-offs of one video, in order, without inconsistent toe positions.

    Two toes are inconsistent when the later one is behind the earlier by more than both their
    uncertainties (one standard deviation, in quadrature). The toe with most conflicts is dropped
    first, and of two with as many, both: nothing tells which is wrong. One that a person placed is
    right: what conflicts with it is dropped. Toes are not compared across a gap that may hide a new
    run, nor where the direction is unknown. For a fixed camera.
    """
    if direction is None:
        return list(events)
    sign = 1 if direction is Direction.RIGHT else -1
    toes = [
        _Toe(index, event, sign * event.toe_px[0])
        for index, event in enumerate(events)
        if event.toe_px is not None
    ]
    conflicts = [
        (earlier.index, later.index)
        for earlier, later in combinations(toes, 2)
        if _is_behind(later, earlier) and not _new_run_between(earlier, later, gaps)
    ]
    by_hand = {index for index, event in enumerate(events) if event.toe_by_hand}
    against_hand = {i for pair in conflicts if by_hand & set(pair) for i in pair} - by_hand
    others = [pair for pair in conflicts if not (by_hand | against_hand) & set(pair)]
    dropped = against_hand | _most_conflicting(others)
    return [
        replace(event, toe_px=None, toe_uncertainty_px=0.0) if index in dropped else event
        for index, event in enumerate(events)
    ]


def _is_behind(later: _Toe, earlier: _Toe) -> bool:
    tolerance_px = math.hypot(earlier.event.toe_uncertainty_px, later.event.toe_uncertainty_px)
    return later.forward_px - earlier.forward_px < -tolerance_px


def _new_run_between(earlier: _Toe, later: _Toe, gaps: Iterable[VisibilityGap]) -> bool:
    return any(gap.breaks_drill and gap.between(earlier.event, later.event) for gap in gaps)


def _most_conflicting(conflicts: Sequence[tuple[int, int]]) -> set[int]:
    """Indices to drop, those with most conflicts first, until no conflict is left."""
    dropped: set[int] = set()
    while conflicts:
        counts = {i: sum(i in pair for pair in conflicts) for pair in conflicts for i in pair}
        most = max(counts.values())
        dropped |= {i for i, count in counts.items() if count == most}
        conflicts = [pair for pair in conflicts if not dropped & set(pair)]
    return dropped
