"""From push-offs to what a coach calls them: feet, exercise, and whether it was a triple jump."""

import itertools
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from pushoff.errors import BadInput
from pushoff.events.drill.exercise import CLEAR_FOOT, NAMES, fit, transitions
from pushoff.events.drill.explanations import (
    CODE_WORDS,
    ENOUGH_PUSH_OFFS,
    alone_reason,
    asked_reason,
    broken_reason,
    correction_reason,
    exercise_reason,
    foot_letters,
    guess_reason,
    is_rotated,
    join_or,
    resembles_triple_jump,
)
from pushoff.events.drill.foot_correction import candidates_of, corrected_feet
from pushoff.events.drill.running_steps import running_feet, running_steps
from pushoff.events.drill.visibility_gaps import VisibilityGap, broken_after, isolated_events
from pushoff.events.values import Foot, PushOffEvent
from pushoff.values import Exercise

MIN_EVENT_PROBABILITY = 0.5
"""Probability from which a push-off counts: below, it is likelier that there is none. The
threshold of the best F1 is half of that F1, so at most this (Lipton, Elkan and Narayanaswamy, 2014,
arXiv:1402.1892). Measured on the 11 sprint clips held out (91 push-offs, 90 found): 2 of them fall
below, one of which was right, and F1 within a frame goes from 0.989 to 0.983."""
MAX_UNCLEAR_FEET_SHARE = 0.5
"""With more than this share of the feet not clear, no exercise is named and no foot corrected: a
drill can be read into any feet that were not seen. A judgement, not a measurement."""
MISSED_RATIO = (1.6, 2.6)
"""An interval this many times the others' median may hide a push-off: about twice."""
MISSED_PROBABILITY = 0.7
"""That it does hide one, before the feet are looked at; a judgement, not a measurement."""


@dataclass(frozen=True)
class SequenceResult:
    """What the push-offs of one video say about the exercise."""

    approach: tuple[int, ...]
    """Positions, in the events given, of running steps before or after the drill."""
    drill: tuple[int, ...]
    """Positions of the drill's push-offs; none but possible ones lie between them."""
    possible: tuple[int, ...]
    """Positions of what is likelier no push-off than one (COUNTS): listed, never counted."""
    broken_after: tuple[int, ...]
    """Indices in `drill` after which the video shows too little: no drill goes on across it."""
    seen: tuple[Foot | None, ...]
    """The foot of each of the drill's push-offs as it was seen; None where nobody can tell."""
    corrected: tuple[Foot | None, ...]
    """The likeliest feet of the drill; one longer than `seen` where `missing_at` is set."""
    missing_at: int | None
    """Index in `corrected` of a push-off that was probably overlooked, None without one."""
    feet: tuple[Foot | None, ...]
    """For every event given, running steps too: its foot after correction."""
    changed: tuple[int, ...]
    """Positions of events whose foot was corrected, or filled in where nobody could tell."""
    edits: int
    """Edit distance from `seen` to `corrected`."""
    candidates: tuple[Exercise, ...]
    """What it can have been, the likeliest first; several: the push-offs cannot decide."""
    confidence: float
    """Probability of the first candidate, given that the push-offs found are right; 0 without."""
    cyclic: bool
    """If it is a Triple, it is not in the one order that a competition allows."""
    reason: str
    """Why, in a sentence or two for a coach."""
    resembles_triple_jump: bool | None
    """Whether it goes like a competition triple jump; None: what was seen cannot tell."""
    triple_reason: str
    """Why, in a sentence."""
    fits_asked: bool | None
    """Whether it can be the exercise the coach asked for; None: not asked or cannot tell."""

    @property
    def transitions(self) -> tuple[str | None, ...]:
        """`same`, `alternate` or None (unknown) between the drill's push-offs, as seen."""
        return named_transitions(self.seen)

    @property
    def text(self) -> str:
        """The drill as seen: `L,L,R`, with `?` where nobody can tell."""
        return foot_letters(self.seen)

    @property
    def corrected_text(self) -> str:
        """The drill after correction, an overlooked push-off in brackets: `L,L,(R),R`."""
        parts = foot_letters(self.corrected).split(",")
        if self.missing_at is not None:
            parts[self.missing_at] = f"({parts[self.missing_at]})"
        return ",".join(parts)

    @property
    def exercise(self) -> Exercise | None:
        """The exercise, where the push-offs seen decide it."""
        decided = len(self.candidates) == 1 and len(self.seen) >= ENOUGH_PUSH_OFFS
        return self.candidates[0] if decided else None

    @property
    def verdict(self) -> str:
        """`Hops`, `Triple (cyclic)`, `ambiguous: Hop-Steps or Triple`, or `unknown`."""
        if self.exercise is not None:
            return _names(self.candidates, self.cyclic)[0]
        return self.ambiguous or "unknown"

    @property
    def ambiguous(self) -> str:
        """`ambiguous: A or B` where several exercises are possible, else empty."""
        return (
            f"ambiguous: {join_or(_names(self.candidates, self.cyclic))}"
            if len(self.candidates) > 1
            else ""
        )


def named_transitions(feet: Sequence[Foot | None]) -> tuple[str | None, ...]:
    """`same`, `alternate` or None (unknown) from each of these feet to the next."""
    return tuple(CODE_WORDS[code] if code else None for code in transitions(feet))


def classify_sequence(
    events: Sequence[PushOffEvent],
    asked: Exercise | None = None,
    gaps: Sequence[VisibilityGap] = (),
) -> SequenceResult:
    """Read the exercise from push-offs in order of time.

    `asked` is what the coach wanted to see. It changes nothing in the reading, only whether it
    fits. `gaps` are where the video does not show the athlete. Corrects uncertain feet, allows for
    one push-off that was overlooked, and leaves out those less likely than COUNTS.

    Raises BadInput when the events are out of order or a probability is not one.
    """
    _check(events)
    counted = [i for i, event in enumerate(events) if event.probability >= MIN_EVENT_PROBABILITY]
    running = tuple(counted[k] for k in running_steps([events[i] for i in counted], gaps))
    drill = tuple(i for i in counted if i not in running)
    after_approach = any(i < drill[0] for i in running) if drill else False
    pushes = [events[i] for i in drill]
    seen = tuple(push.foot for push in pushes)

    corrected, missing_at, found = seen, None, None
    alone = [counted[k] for k in isolated_events([events[i] for i in counted], gaps)]
    broken = broken_after(pushes, gaps)
    unclear = sum(_clearness(push) < CLEAR_FOOT for push in pushes)
    guessed = unclear > MAX_UNCLEAR_FEET_SHARE * len(
        pushes
    )  # whatever a drill says of them was not seen
    silent = guessed or bool(broken)
    if len(pushes) >= 2 and not silent:
        missed = _missed([push.time_s for push in pushes])
        found = fit([push.left_probability for push in pushes], missed, after_approach)
        corrected, missing_at = corrected_feet(seen, found)
    feet = {i: event.foot for i, event in enumerate(events)}
    feet.update(zip(running, running_feet([events[i] for i in running], gaps), strict=True))
    found_feet = [foot for k, foot in enumerate(corrected) if k != missing_at]
    feet.update(zip(drill, found_feet, strict=True))

    candidates = candidates_of(found) if found else ()
    cyclic = Exercise.TRIPLE in candidates and is_rotated(corrected)
    fits = None if silent else _fits(asked, candidates, corrected)
    if broken:
        why = broken_reason(broken)
        resembles, triple_reason = None, why
    else:
        why = (
            guess_reason(unclear, len(pushes))
            if guessed
            else exercise_reason(
                corrected, _names(candidates, cyclic), len(running), after_approach, missing_at
            )
        )
        resembles, triple_reason = resembles_triple_jump(
            found, corrected, missing_at, after_approach
        )
    reasons = [
        why,
        correction_reason(
            [(k, a, b) for k, (a, b) in enumerate(zip(seen, found_feet, strict=True)) if a != b],
            missing_at,
            None if missing_at is None else corrected[missing_at],
        ),
        alone_reason([drill.index(i) for i in alone if i in drill]),
        asked_reason(NAMES[asked], fits) if asked else "",
    ]
    return SequenceResult(
        approach=running,
        drill=drill,
        possible=tuple(i for i in range(len(events)) if i not in counted),
        broken_after=broken,
        seen=seen,
        corrected=corrected,
        missing_at=missing_at,
        feet=tuple(feet[i] for i in range(len(events))),
        changed=tuple(i for i, event in enumerate(events) if feet[i] is not event.foot),
        edits=edit_distance(seen, corrected),
        candidates=candidates,
        confidence=found.exercises[candidates[0]] if found and candidates else 0.0,
        cyclic=cyclic,
        reason=" ".join(filter(None, reasons)),
        resembles_triple_jump=resembles,
        triple_reason=triple_reason,
        fits_asked=fits,
    )


def edit_distance(a: Sequence, b: Sequence) -> int:
    """Levenshtein's: the fewest insertions, removals and substitutions from one to the other."""
    row = list(range(len(b) + 1))
    for i, left in enumerate(a, start=1):
        corner, row[0] = row[0], i
        for j, right in enumerate(b, start=1):
            corner, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, corner + (left != right))
    return row[-1]


def _clearness(event: PushOffEvent) -> float:
    return max(event.left_probability, 1 - event.left_probability)


def _names(candidates: Sequence[Exercise], cyclic: bool) -> list[str]:
    triple = "Triple (cyclic)" if cyclic else NAMES[Exercise.TRIPLE]
    return [triple if it is Exercise.TRIPLE else NAMES[it] for it in candidates]


def _check(events: Sequence[PushOffEvent]) -> None:
    for before, after in itertools.pairwise(events):
        if not (before.time_s < after.time_s and before.frame < after.frame):
            raise BadInput(
                f"the push-off in frame {after.frame} at {after.time_s:g} s does not come after "
                f"the one in frame {before.frame} at {before.time_s:g} s: sort them by time"
            )
    for event in events:
        for probability in (event.probability, event.left_probability, event.approach_probability):
            if not 0 <= probability <= 1:
                raise BadInput(
                    f"{probability} is no probability (push-off in frame {event.frame}): "
                    "it must lie between 0 and 1"
                )


def _missed(times_s: Sequence[float]) -> dict[int, float]:
    """Before which push-offs another may have been overlooked, and how probably."""
    gaps = [b - a for a, b in itertools.pairwise(times_s)]
    low, high = MISSED_RATIO
    long = [
        i + 1
        for i, gap in enumerate(gaps)
        if len(gaps) > 1 and low <= gap / statistics.median(gaps[:i] + gaps[i + 1 :]) <= high
    ]
    return {i: MISSED_PROBABILITY / len(long) for i in long}


def _fits(
    asked: Exercise | None, candidates: tuple[Exercise, ...], corrected: Sequence[Foot | None]
) -> bool | None:
    if asked is None or len(corrected) < 2:
        return None
    return asked in candidates or (asked is Exercise.TRIPLE and is_rotated(corrected))
