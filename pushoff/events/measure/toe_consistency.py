"""Toes that cannot all be where they were found: whoever travels puts each foot down further on."""

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

from pushoff.events.drill.visibility_gaps import VisibilityGap
from pushoff.events.values import Direction, PushOffEvent


def without_contradictions(
    events: Sequence[PushOffEvent], direction: Direction | None, gaps: Sequence[VisibilityGap] = ()
) -> list[PushOffEvent]:
    """The push-offs of one video, in order, without the toes that others contradict.

    Two toes contradict each other when the later one lies behind the earlier by more than both
    their uncertainties (one standard deviation, in quadrature). The toe with most contradictions
    is dropped first, and where two have as many, both: nothing tells which is wrong. Nothing is
    compared across a gap that may hide a new run, nor where the direction is not known. For videos
    of a camera that stands still.
    """
    if direction is None:
        return list(events)
    forward = 1 if direction is Direction.RIGHT else -1
    at = [i for i, event in enumerate(events) if event.toe_px is not None]
    pairs = [
        (i, j)
        for i, j in combinations(at, 2)
        if _is_behind(events[i], events[j], forward)
        and not any(gap.breaks_drill and gap.between(events[i], events[j]) for gap in gaps)
    ]
    dropped: set[int] = set()
    while pairs:
        against = {i: sum(i in pair for pair in pairs) for pair in pairs for i in pair}
        most = max(against.values())
        dropped |= {i for i, count in against.items() if count == most}
        pairs = [pair for pair in pairs if not dropped & set(pair)]
    return [
        replace(event, toe_px=None, toe_uncertainty_px=0.0) if i in dropped else event
        for i, event in enumerate(events)
    ]


def _is_behind(earlier: PushOffEvent, later: PushOffEvent, forward: int) -> bool:
    """Whether the later toe lies behind the earlier one by more than their uncertainties."""
    ahead_px = forward * (later.toe_px[0] - earlier.toe_px[0])
    return ahead_px < -math.hypot(earlier.toe_uncertainty_px, later.toe_uncertainty_px)
