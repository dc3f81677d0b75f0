"""From push-offs to feet, exercise, and whether it resembles a triple jump."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from pushoff.errors import BadInput
from pushoff.events.drill.exercise import NAMES, transitions
from pushoff.events.drill.explanations import (
    MIN_PUSH_OFFS,
    TRANSITION_NAMES,
    foot_letters,
    isolated_reason,
    join_or,
    request_reason,
)
from pushoff.events.drill.fitted_drill import FittedDrill, exercise_names, fit_drill
from pushoff.events.drill.running_steps import running_feet, running_steps
from pushoff.events.drill.visibility_gaps import VisibilityGap, isolated_events
from pushoff.events.values import Foot, PushOffEvent
from pushoff.values import Exercise

MIN_EVENT_PROBABILITY = 0.5
"""Probability from which a push-off counts: below, it is more likely that there is none. The
threshold of the best F1 is half of that F1, so at most this (Lipton, Elkan and Narayanaswamy, 2014,
arXiv:1402.1892). Measured on the 11 held-out sprint clips (91 push-offs, 90 found): 2 of them are
below it, one of which was right, and F1 within a frame drops from 0.989 to 0.983."""


@dataclass(frozen=True)
class SequenceResult:
    """What the push-offs of one video show about the exercise."""

    approach: tuple[int, ...]
    """Indices, in the given events, of running steps before or after the drill."""
    drill: tuple[int, ...]
    """Indices of the drill's push-offs; only possible push-offs lie between them."""
    possible: tuple[int, ...]
    """Indices of events below MIN_EVENT_PROBABILITY: listed, never counted."""
    broken_after: tuple[int, ...]
    """Indices in `drill` after which the video shows too little: no drill continues there."""
    detected: tuple[Foot | None, ...]
    """The detected foot of each of the drill's push-offs; None: unknown."""
    corrected: tuple[Foot | None, ...]
    """The most likely feet of the drill; one longer than `detected` where `missing_at` is set."""
    missing_at: int | None
    """Index in `corrected` of a push-off that was probably missed, None without one."""
    feet: tuple[Foot | None, ...]
    """Of every given event, running steps included: its foot after correction."""
    changed: tuple[int, ...]
    """Indices of events whose foot was corrected or filled in."""
    candidates: tuple[Exercise, ...]
    """What it can have been, the most likely first; several: the push-offs cannot decide."""
    confidence: float
    """Probability of the first candidate, given that the push-offs are right; 0 without one."""
    cyclic: bool
    """If it is a Triple, it is not in the one order that a competition allows."""
    reason: str
    """Why, in a sentence or two for a coach."""
    resembles_triple_jump: bool | None
    """Whether it resembles a competition triple jump; None: unknown."""
    triple_reason: str
    """Why, in a sentence."""
    fits_request: bool | None
    """Whether it can be the requested exercise; None: none was requested, or unknown."""

    @property
    def measured(self) -> tuple[int, ...]:
        """Indices of the events between which times and distances are measured: those of the drill,
        or every step of a video that shows a run and no drill."""
        return self.drill if len(self.drill) > 1 else tuple(sorted((*self.approach, *self.drill)))

    @property
    def transitions(self) -> tuple[str | None, ...]:
        """`same`, `alternate` or None (unknown) between the drill's push-offs, as detected."""
        return named_transitions(self.detected)

    @property
    def text(self) -> str:
        """The detected feet of the drill: `L,L,R`, with `?` for unknown."""
        return foot_letters(self.detected)

    @property
    def corrected_text(self) -> str:
        """The drill after correction, a missed push-off in parentheses: `L,L,(R),R`."""
        parts = foot_letters(self.corrected).split(",")
        if self.missing_at is not None:
            parts[self.missing_at] = f"({parts[self.missing_at]})"
        return ",".join(parts)

    @property
    def exercise(self) -> Exercise | None:
        """The exercise, where the push-offs decide it."""
        decided = len(self.candidates) == 1 and len(self.detected) >= MIN_PUSH_OFFS
        return self.candidates[0] if decided else None

    @property
    def verdict(self) -> str:
        """`Hops`, `Triple (cyclic)`, `ambiguous: Hop-Steps or Triple`, or `unknown`."""
        if self.exercise is not None:
            return exercise_names(self.candidates, self.cyclic)[0]
        return self.ambiguous or "unknown"

    @property
    def ambiguous(self) -> str:
        """`ambiguous: A or B` where several exercises are possible, else empty."""
        if len(self.candidates) < 2:
            return ""
        return f"ambiguous: {join_or(exercise_names(self.candidates, self.cyclic))}"


def named_transitions(feet: Sequence[Foot | None]) -> tuple[str | None, ...]:
    """`same`, `alternate` or None (unknown) from each of these feet to the next."""
    return tuple(TRANSITION_NAMES[code] if code else None for code in transitions(feet))


def classify_sequence(
    events: Sequence[PushOffEvent],
    requested: Exercise | None = None,
    gaps: Sequence[VisibilityGap] = (),
) -> SequenceResult:
    """The exercise that push-offs in order of time show.

    Corrects uncertain feet, allows for one missed push-off, and leaves out events below
    MIN_EVENT_PROBABILITY. `requested` is the exercise the coach asked for: it does not change the
    result, only whether it fits. `gaps` are where the video does not show the athlete.

    Raises BadInput when the events are out of order or a probability is not within 0 to 1.
    """
    _check(events)
    parts = _partition(events, gaps)
    fitted = fit_drill([events[i] for i in parts.drill], gaps, parts.after_approach)
    feet = _feet_after_correction(events, gaps, parts, fitted)
    fits_request = fitted.fits(requested)
    resembles, triple_reason = fitted.resembles_triple_jump
    reasons = [
        fitted.exercise_reason(len(parts.approach)),
        fitted.correction_reason,
        isolated_reason([k for k, i in enumerate(parts.drill) if i in parts.isolated]),
        request_reason(NAMES[requested], fits_request) if requested else "",
    ]
    return SequenceResult(
        approach=parts.approach,
        drill=parts.drill,
        possible=parts.possible,
        broken_after=fitted.broken_after,
        detected=fitted.detected,
        corrected=fitted.corrected,
        missing_at=fitted.missing_at,
        feet=feet,
        changed=tuple(i for i, event in enumerate(events) if feet[i] is not event.foot),
        candidates=fitted.candidates,
        confidence=fitted.confidence,
        cyclic=fitted.cyclic,
        reason=" ".join(filter(None, reasons)),
        resembles_triple_jump=resembles,
        triple_reason=triple_reason,
        fits_request=fits_request,
    )


@dataclass(frozen=True)
class _Partition:
    """Indices of events by what they are."""

    approach: tuple[int, ...]
    drill: tuple[int, ...]
    possible: tuple[int, ...]
    isolated: frozenset[int]
    """Of the others, those with nothing visible around them."""

    @property
    def after_approach(self) -> bool:
        """Whether running steps come before the drill."""
        return bool(self.drill) and any(i < self.drill[0] for i in self.approach)


def _partition(events: Sequence[PushOffEvent], gaps: Sequence[VisibilityGap]) -> _Partition:
    counted = [i for i, event in enumerate(events) if event.probability >= MIN_EVENT_PROBABILITY]
    counted_events = [events[i] for i in counted]
    approach = tuple(counted[k] for k in running_steps(counted_events, gaps))
    return _Partition(
        approach=approach,
        drill=tuple(i for i in counted if i not in approach),
        possible=tuple(i for i in range(len(events)) if i not in counted),
        isolated=frozenset(counted[k] for k in isolated_events(counted_events, gaps)),
    )


def _feet_after_correction(
    events: Sequence[PushOffEvent],
    gaps: Sequence[VisibilityGap],
    parts: _Partition,
    fitted: FittedDrill,
) -> tuple[Foot | None, ...]:
    feet = [event.foot for event in events]
    running = running_feet([events[i] for i in parts.approach], gaps)
    for i, foot in zip(parts.approach, running, strict=True):
        feet[i] = foot
    for i, foot in zip(parts.drill, fitted.corrected_detected, strict=True):
        feet[i] = foot
    return tuple(feet)


def edit_distance(first: Sequence[object], second: Sequence[object]) -> int:
    """Levenshtein distance: the fewest insertions, deletions and substitutions between the two."""
    row = list(range(len(second) + 1))
    for i, a in enumerate(first, start=1):
        corner, row[0] = row[0], i
        for j, b in enumerate(second, start=1):
            corner, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, corner + (a != b))
    return row[-1]


def _check(events: Sequence[PushOffEvent]) -> None:
    for before, after in itertools.pairwise(events):
        if not (before.time_s < after.time_s and before.frame < after.frame):
            raise BadInput(
                f"the push-off in frame {after.frame} at {after.time_s:g} s does not come after "
                f"the one in frame {before.frame} at {before.time_s:g} s: sort them by time",
                code="unsorted_events",
            )
    for event in events:
        for probability in (event.probability, event.left_probability, event.approach_probability):
            if not 0 <= probability <= 1:
                raise BadInput(
                    f"{probability} is not a valid probability (push-off in frame {event.frame}): "
                    "it must be within 0 to 1",
                    code="invalid_probability",
                )
