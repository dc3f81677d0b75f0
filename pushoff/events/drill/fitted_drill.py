"""The exercises fitted to the push-offs of one drill, and what follows from the fit."""

import itertools
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from pushoff.events.drill.exercise import CLEAR_FOOT, NAMES, Fit, fit
from pushoff.events.drill.explanations import (
    broken_reason,
    correction_reason,
    exercise_reason,
    is_rotated,
    resembles_triple_jump,
    unclear_feet_reason,
)
from pushoff.events.drill.foot_correction import candidates_of, corrected_feet
from pushoff.events.drill.visibility_gaps import VisibilityGap, broken_after
from pushoff.events.values import Foot, PushOffEvent
from pushoff.values import Exercise

MAX_UNCLEAR_FEET_SHARE = 0.5
"""With a larger share of unclear feet no exercise is named and no foot corrected: most exercises
fit feet that were not seen. An estimate, not measured."""
MISSED_RATIO = (1.6, 2.6)
"""An interval this many times the others' median may hide a push-off: about twice."""
MISSED_PROBABILITY = 0.7
"""Probability that it hides one, before the feet are considered; an estimate, not measured."""


@dataclass(frozen=True)
class FittedDrill:
    """The push-offs of one drill and the exercises that were fitted to them."""

    detected: tuple[Foot | None, ...]
    corrected: tuple[Foot | None, ...]
    missing_at: int | None
    after_approach: bool
    broken_after: tuple[int, ...]
    unclear: int
    """Number of push-offs whose foot is not clear."""
    fit: Fit | None
    """None with fewer than two push-offs, with a gap, or with too many unclear feet."""

    @property
    def too_unclear(self) -> bool:
        """Whether too many feet are unclear to name an exercise."""
        return _too_unclear(self.unclear, len(self.detected))

    @property
    def corrected_detected(self) -> tuple[Foot | None, ...]:
        """The corrected feet of the detected push-offs, without a missed one."""
        return tuple(foot for k, foot in enumerate(self.corrected) if k != self.missing_at)

    @property
    def candidates(self) -> tuple[Exercise, ...]:
        """The exercises it can have been, the most likely first."""
        return candidates_of(self.fit) if self.fit else ()

    @property
    def confidence(self) -> float:
        """Probability of the first candidate, 0 without one."""
        return self.fit.exercises[self.candidates[0]] if self.fit and self.candidates else 0.0

    @property
    def cyclic(self) -> bool:
        """If it is a Triple, it is not in the one order that a competition allows."""
        return Exercise.TRIPLE in self.candidates and is_rotated(self.corrected)

    def fits(self, requested: Exercise | None) -> bool | None:
        """Whether it can be the requested exercise; None: none was requested, or unknown."""
        if requested is None or self.too_unclear or self.broken_after or len(self.corrected) < 2:
            return None
        repeated_triple = requested is Exercise.TRIPLE and is_rotated(self.corrected)
        return requested in self.candidates or repeated_triple

    @property
    def resembles_triple_jump(self) -> tuple[bool | None, str]:
        """Whether it resembles a competition triple jump, None: unknown; and why."""
        if self.broken_after:
            return None, broken_reason(self.broken_after)
        return resembles_triple_jump(self.fit, self.corrected, self.missing_at, self.after_approach)

    def exercise_reason(self, running: int) -> str:
        """Why these candidates; `running` steps are outside the drill."""
        if self.broken_after:
            return broken_reason(self.broken_after)
        if self.too_unclear:
            return unclear_feet_reason(self.unclear, len(self.detected))
        names = exercise_names(self.candidates, self.cyclic)
        return exercise_reason(self.corrected, names, running, self.after_approach, self.missing_at)

    @property
    def correction_reason(self) -> str:
        """Which feet were corrected and which push-off was inserted; empty without any."""
        feet = enumerate(zip(self.detected, self.corrected_detected, strict=True))
        changed = [(k, before, after) for k, (before, after) in feet if before != after]
        missing = None if self.missing_at is None else self.corrected[self.missing_at]
        return correction_reason(changed, self.missing_at, missing)


def fit_drill(
    events: Sequence[PushOffEvent], gaps: Sequence[VisibilityGap], after_approach: bool
) -> FittedDrill:
    """Fit the exercises to the push-offs of one drill, in order of time."""
    detected = tuple(event.foot for event in events)
    broken = broken_after(events, gaps)
    unclear = sum(event.foot_probability < CLEAR_FOOT for event in events)
    fitted, corrected, missing_at = None, detected, None
    if len(events) >= 2 and not broken and not _too_unclear(unclear, len(events)):
        missed = _missed_before([event.time_s for event in events])
        fitted = fit([event.left_probability for event in events], missed, after_approach)
        corrected, missing_at = corrected_feet(detected, fitted)
    return FittedDrill(detected, corrected, missing_at, after_approach, broken, unclear, fitted)


def _too_unclear(unclear: int, count: int) -> bool:
    return unclear > MAX_UNCLEAR_FEET_SHARE * count


def exercise_names(candidates: Sequence[Exercise], cyclic: bool) -> list[str]:
    """As coaches write them; `Triple (cyclic)` where its order is not that of a competition."""
    triple = "Triple (cyclic)" if cyclic else NAMES[Exercise.TRIPLE]
    return [
        triple if candidate is Exercise.TRIPLE else NAMES[candidate] for candidate in candidates
    ]


def _missed_before(times_s: Sequence[float]) -> dict[int, float]:
    """Before which push-offs another may have been missed, with the probability of each."""
    intervals_s = [after - before for before, after in itertools.pairwise(times_s)]
    low, high = MISSED_RATIO
    long = [
        i + 1
        for i, interval_s in enumerate(intervals_s)
        if len(intervals_s) > 1
        and low <= interval_s / statistics.median(intervals_s[:i] + intervals_s[i + 1 :]) <= high
    ]
    return {i: MISSED_PROBABILITY / len(long) for i in long}
