"""Where a video does not show the athlete: what is not visible there may still have happened."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from pushoff.events.values import PushOffEvent

HIDES_S = 0.08
"""No contact is shorter (`SpottingConfig.min_contact_ms`): a shorter gap hides no push-off."""
BREAKS_S = 0.35
"""Duration of the shortest bound: a longer gap may hide several push-offs of a drill."""


@dataclass(frozen=True)
class VisibilityGap:
    """A time without a visible athlete (black, frozen, out of the picture), or a cut."""

    from_s: float
    """Camera seconds of the last frame before it; minus infinity: the start of the video."""
    to_s: float
    """Camera seconds of the first frame after it; infinity: the end of the video."""
    cut: bool = False
    """Another scene follows, however short the gap."""

    @property
    def breaks_drill(self) -> bool:
        """Whether push-offs before and after it may belong to different runs."""
        return self.cut or self.to_s - self.from_s > BREAKS_S

    def between(self, before: PushOffEvent, after: PushOffEvent) -> bool:
        """Whether it lies between two push-offs."""
        return before.time_s <= self.from_s and self.to_s <= after.time_s


def find_visibility_gaps(
    times_s: np.ndarray, athlete: np.ndarray, cuts: Sequence[int] = ()
) -> list[VisibilityGap]:
    """The gaps of a video in order of time, with those before the athlete appears and after.

    `times_s` (N,) camera seconds, `athlete` (N,) bool, `cuts` first frames of new scenes.
    """
    visible = np.flatnonzero(athlete)
    if not len(visible):
        return [VisibilityGap(-np.inf, np.inf)]
    gaps = [
        VisibilityGap(-np.inf, float(times_s[visible[0]])),
        VisibilityGap(float(times_s[visible[-1]]), np.inf),
    ]
    for before, after in pairwise(int(frame) for frame in visible):
        is_cut = any(before < cut <= after for cut in cuts)
        missing_s = times_s[after] - times_s[before] - np.median(np.diff(times_s))
        if is_cut or missing_s >= HIDES_S:
            gaps.append(VisibilityGap(float(times_s[before]), float(times_s[after]), cut=is_cut))
    return sorted(gaps, key=lambda gap: gap.from_s)


def broken_after(events: Sequence[PushOffEvent], gaps: Sequence[VisibilityGap]) -> tuple[int, ...]:
    """Indices of push-offs with a gap before the next one that is too long for one drill."""
    return tuple(
        i
        for i, (before, after) in enumerate(pairwise(events))
        if any(gap.breaks_drill and gap.between(before, after) for gap in gaps)
    )


def isolated_events(
    events: Sequence[PushOffEvent], gaps: Sequence[VisibilityGap]
) -> tuple[int, ...]:
    """Indices of push-offs whose step before and step after would not be visible.

    Such a push-off may be a lone running step or a part of a drill.
    """
    previous_s = [-np.inf, *(event.time_s for event in events)]
    next_s = [*(event.time_s for event in events[1:]), np.inf]
    return tuple(
        i
        for i, event in enumerate(events)
        if any(previous_s[i] <= gap.to_s <= event.time_s < gap.to_s + BREAKS_S for gap in gaps)
        and any(gap.from_s - BREAKS_S < event.time_s <= gap.from_s <= next_s[i] for gap in gaps)
    )
