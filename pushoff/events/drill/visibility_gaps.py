"""Where a video does not show the athlete: what is not seen is not taken as not done."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from pushoff.events.values import PushOffEvent

HIDES_S = 0.08
"""No contact is shorter (`Spotting.min_contact_ms`): less out of sight hides no push-off."""
BREAKS_S = 0.35
"""The shortest bound takes as long: more out of sight may hide several push-offs of a drill."""


@dataclass(frozen=True)
class VisibilityGap:
    """A stretch in which nobody can be seen (black, frozen, out of the picture), or a cut."""

    from_s: float
    """Camera seconds of the last frame before it; minus infinity: the video's beginning."""
    to_s: float
    """Of the first frame after it; infinity: the video's end."""
    cut: bool = False
    """What comes after is another scene, however short the gap."""

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
    """The gaps of a video, in order: its beginning, its end and those between them.

    `times_s` (N,) camera seconds, `athlete` (N,) bool, `cuts` first frames of new scenes.
    """
    seen = np.flatnonzero(athlete)
    if not len(seen):
        return [VisibilityGap(-np.inf, np.inf)]
    gaps = [
        VisibilityGap(-np.inf, float(times_s[seen[0]])),
        VisibilityGap(float(times_s[seen[-1]]), np.inf),
    ]
    for a, b in pairwise(int(frame) for frame in seen):
        scenes = any(a < cut <= b for cut in cuts)
        if scenes or times_s[b] - times_s[a] - np.median(np.diff(times_s)) >= HIDES_S:
            gaps.append(VisibilityGap(float(times_s[a]), float(times_s[b]), cut=scenes))
    return sorted(gaps, key=lambda gap: gap.from_s)


def broken_after(events: Sequence[PushOffEvent], gaps: Sequence[VisibilityGap]) -> tuple[int, ...]:
    """Positions of push-offs between which and the next the video shows too little of a drill."""
    return tuple(
        i
        for i, (before, after) in enumerate(pairwise(events))
        if any(gap.breaks_drill and gap.between(before, after) for gap in gaps)
    )


def isolated_events(
    events: Sequence[PushOffEvent], gaps: Sequence[VisibilityGap]
) -> tuple[int, ...]:
    """Positions of push-offs whose step before and step after would be out of sight: nothing tells
    a lone running step from a push-off of a drill."""
    before = [-np.inf, *(event.time_s for event in events)]
    after = [*(event.time_s for event in events[1:]), np.inf]
    return tuple(
        i
        for i, event in enumerate(events)
        if any(before[i] <= gap.to_s <= event.time_s < gap.to_s + BREAKS_S for gap in gaps)
        and any(gap.from_s - BREAKS_S < event.time_s <= gap.from_s <= after[i] for gap in gaps)
    )
