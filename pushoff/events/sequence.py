"""From push-offs to what a coach calls them: feet, exercise, and whether it was a triple jump."""

import itertools
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from pushoff.errors import BadInput
from pushoff.events.exercise import CLEAR_FOOT, NAMES, Fit, fit, transitions
from pushoff.events.running import running_feet, running_steps
from pushoff.events.values import Foot, PushOffEvent
from pushoff.events.wording import (
    CODE_WORDS,
    ENOUGH_PUSH_OFFS,
    asked_reason,
    correction_reason,
    either,
    exercise_reason,
    guess_reason,
    is_rotated,
    letters,
    resembles_triple_jump,
)
from pushoff.values import Exercise

CANDIDATE_SHARE = 0.1
"""An exercise less likely than this, among the exercises, is not offered."""
AGAINST_CLEAR_FEET = 0.5
"""An exercise for which a clear foot must be wrong is offered from this part of the likeliest."""
HAIR = 1e-9
"""Probabilities closer than this are equal, whatever the order they were summed in."""
FILL = 0.8
"""Probability from which a foot nobody saw is written down."""
MOSTLY = 0.5
"""With more than this share of the feet not clear, no exercise is named and no foot corrected: a
drill can be read into any feet that were not seen. A judgement, not a measurement."""
MISSED_RATIO = (1.6, 2.6)
"""An interval this many times the others' median may hide a push-off: about twice."""
MISSED_PROBABILITY = 0.7
"""That it does hide one, before the feet are looked at; a judgement, not a measurement."""


@dataclass(frozen=True)
class SequenceReading:
    """What the push-offs of one film say about the exercise."""

    approach: tuple[int, ...]
    """Positions, in the events given, of running steps before or after the drill."""
    drill: tuple[int, ...]
    """Positions of the drill's push-offs, without a break."""
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
        return letters(self.seen)

    @property
    def corrected_text(self) -> str:
        """The drill after correction, an overlooked push-off in brackets: `L,L,(R),R`."""
        parts = letters(self.corrected).split(",")
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
            f"ambiguous: {either(_names(self.candidates, self.cyclic))}"
            if len(self.candidates) > 1
            else ""
        )


def named_transitions(feet: Sequence[Foot | None]) -> tuple[str | None, ...]:
    """`same`, `alternate` or None (unknown) from each of these feet to the next."""
    return tuple(CODE_WORDS[code] if code else None for code in transitions(feet))


def read_sequence(events: Sequence[PushOffEvent], asked: Exercise | None = None) -> SequenceReading:
    """Read the exercise from push-offs in order of time.

    `asked` is what the coach wanted to see. It changes nothing in the reading, only whether it
    fits. Corrects uncertain feet, allows for one push-off that was overlooked, and never for one
    that was not there: that is the spotter's to judge.

    Raises BadInput when the events are out of order or a probability is not one.
    """
    _check(events)
    running = running_steps(events)
    drill = tuple(i for i in range(len(events)) if i not in running)
    after_approach = bool(drill) and drill[0] > 0
    pushes = [events[i] for i in drill]
    seen = tuple(push.foot for push in pushes)

    corrected, missing_at, found = seen, None, None
    unclear = sum(_clearness(push) < CLEAR_FOOT for push in pushes)
    guessed = unclear > MOSTLY * len(pushes)  # whatever a drill says of them was not seen
    if len(pushes) >= 2 and not guessed:
        missed = _missed([push.time_s for push in pushes])
        found = fit([push.left_probability for push in pushes], missed, after_approach)
        corrected, missing_at = _correct(seen, found)
    feet = dict(zip(running, running_feet([events[i] for i in running]), strict=True))
    found_feet = [foot for k, foot in enumerate(corrected) if k != missing_at]
    feet.update(zip(drill, found_feet, strict=True))

    candidates = _candidates(found) if found else ()
    cyclic = Exercise.TRIPLE in candidates and is_rotated(corrected)
    fits = None if guessed else _fits(asked, candidates, corrected)
    resembles, triple_reason = resembles_triple_jump(found, corrected, missing_at, after_approach)
    reasons = [
        guess_reason(unclear, len(pushes))
        if guessed
        else exercise_reason(
            corrected, _names(candidates, cyclic), len(running), after_approach, missing_at
        ),
        correction_reason(
            [(k, a, b) for k, (a, b) in enumerate(zip(seen, found_feet, strict=True)) if a != b],
            missing_at,
            None if missing_at is None else corrected[missing_at],
        ),
        asked_reason(NAMES[asked], fits) if asked else "",
    ]
    return SequenceReading(
        approach=running,
        drill=drill,
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
        for probability in (event.left_probability, event.approach_probability):
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


def _is_irregular(found: Fit) -> bool:
    """Whether the feet as seen, being no drill, are likelier than any drill."""
    return found.no_drill > 0.5 or found.as_seen > found.paths[0].posterior + HAIR


def _candidates(found: Fit) -> tuple[Exercise, ...]:
    """The exercises worth naming, likeliest first; none where no drill explains the feet."""
    if _is_irregular(found):
        return ()
    enough = CANDIDATE_SHARE * (1 - found.no_drill)
    plenty = AGAINST_CLEAR_FEET * max(found.exercises.values())
    named = [
        exercise
        for exercise in NAMES
        if found.exercises.get(exercise, 0.0) + HAIR
        >= (enough if exercise in found.compatible else plenty)
    ]
    # Rounded, so that equally likely ones keep the order of NAMES in a mirrored film too.
    return tuple(sorted(named, key=lambda exercise: -round(found.exercises[exercise], 9)))


def _correct(
    seen: tuple[Foot | None, ...], found: Fit
) -> tuple[tuple[Foot | None, ...], int | None]:
    """The likeliest feet, and where one was inserted.

    Nothing is changed where no drill fits, or where several orders of feet are equally likely. A
    foot nobody saw is filled in only where most of the probability agrees. So the result is never
    further from a legal order than what was seen.
    """
    if _is_irregular(found):
        return seen, None
    best = found.best
    alone = best[0] if len(best) == 1 else None
    everything = sum(path.posterior for path in found.paths)
    corrected: list[Foot | None] = []
    for i, foot in enumerate(seen):
        wanted = {path.seen[i] for path in best}
        choice = best[0].seen[i]
        agreed = sum(path.posterior for path in found.paths if path.seen[i] is choice)
        if foot is None:
            clear = len(wanted) == 1 and agreed >= FILL * everything
            corrected.append(choice if clear else None)
        else:
            corrected.append(choice if alone else foot)
    missing_at = alone.missing_at if alone else None
    if missing_at is not None:
        corrected.insert(missing_at, alone.feet[missing_at])
    return tuple(corrected), missing_at


def _fits(
    asked: Exercise | None, candidates: tuple[Exercise, ...], corrected: Sequence[Foot | None]
) -> bool | None:
    if asked is None or len(corrected) < 2:
        return None
    return asked in candidates or (asked is Exercise.TRIPLE and is_rotated(corrected))
