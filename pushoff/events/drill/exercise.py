"""Which drill a run of left and right push-offs could be a piece of.

A drill is a cycle of transitions: `S`, the same foot again (a hop), or `A`, the other foot (a
step). Written that way it does not matter which leg the athlete starts with, nor which side of
the runway the camera stands on. Cycles: docs/domain.md, "Exercises", after the article it
implements (Triple L,L,R; Hop-Steps L,L,R,R; 2 Hops 2 Steps L,L,L,R,L,L,L; Steps L,R; Hops L,L).
"""

import itertools
import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pushoff.events.values import Foot
from pushoff.values import Exercise

SAME, OTHER_FOOT = "S", "A"

NAMES = {
    Exercise.HOPS: "Hops",
    Exercise.STEPS: "Steps",
    Exercise.HOP_STEPS: "Hop-Steps",
    Exercise.TWO_HOPS_TWO_STEPS: "2 Hops 2 Steps",
    Exercise.TRIPLE: "Triple",
}
"""As coaches write them."""

NO_DRILL = 0.1
"""Weight of "none of these drills", against 1 for a drill: any order of feet, all as likely.

It grows with the number of push-offs how much a drill is preferred to it, so a single foot seen
with certainty (99 to 1) overrules a drill of five push-offs and gives way to one of seven.
"""
STARTS_AT_START = 0.7
"""Share of drills that begin with their first transition when the run-up to them is in view.

Not all: where the run-up ends may itself be misjudged by one push-off.
"""
APPROACH_FAVOURS_TRIPLE = 2.0
"""A run-up makes a single triple jump likelier than the drills; a judgement, not a measurement."""
CLEAR_FOOT = 0.75
"""Probability from which a foot counts as clearly seen."""
NEVER_CERTAIN = 0.01
"""Foot probabilities are kept this far from 0 and 1: a detector's certainty is never complete."""
HUMAN_CERTAINTY = 1e-6
"""And this far where they are exactly 0 or 1, as a person's word is (`pushoff.coach.corrections`):
no drill is likely enough to overrule it."""


@dataclass(frozen=True)
class Template:
    """One way of doing an exercise."""

    exercise: Exercise
    cycle: str
    """Transitions, `S` or `A`."""
    repeats: bool = True
    """False: done once, so no more push-offs than the cycle has transitions, and one."""
    run_up: str = ""
    """A transition that must come before, twice at least, and may come any number of times."""
    last_resort: bool = False
    """Only where no other template goes the same way."""
    weight: float = 1.0
    """How likely before anything is seen, against the others."""


TEMPLATES = (
    Template(Exercise.HOPS, "S"),
    Template(Exercise.STEPS, "A"),
    Template(Exercise.HOP_STEPS, "SA"),
    Template(Exercise.TWO_HOPS_TWO_STEPS, "SSAA"),
    Template(Exercise.TRIPLE, "SA", repeats=False),
    # R,L,L: the article lists it, though no competition jump goes so.
    Template(Exercise.TRIPLE, "AS", repeats=False, weight=0.3),
    # L,L,R again and again: with four push-offs always, and with five mostly, 2 Hops 2 Steps or
    # Hop-Steps go the same way, and are meant unless the coach says otherwise.
    Template(Exercise.TRIPLE, "SAA", last_resort=True),
    # After an approach whose steps nobody told from push-offs of a drill.
    Template(Exercise.TRIPLE, "SA", repeats=False, run_up="A", weight=0.3),
)


@dataclass(frozen=True)
class Path:
    """One legal order of feet, and how well it explains what was seen."""

    feet: tuple[Foot, ...]
    """One for each push-off seen, and one more where `missing_at` is set."""
    missing_at: int | None
    """Index in `feet` of a push-off that was not seen."""
    posterior: float

    @property
    def seen(self) -> tuple[Foot, ...]:
        """Only the push-offs that were seen."""
        gap = self.missing_at
        return self.feet if gap is None else self.feet[:gap] + self.feet[gap + 1 :]


@dataclass(frozen=True)
class Fit:
    """How well each exercise explains the push-offs of one drill."""

    exercises: dict[Exercise, float]
    """Posterior probability of each; with `no_drill` they sum to 1."""
    compatible: frozenset[Exercise]
    """Those that need no clear foot changed; any foot will do where none was clear."""
    no_drill: float
    """Posterior probability that it is none of them."""
    as_seen: float
    """Posterior probability that it is none of them and every foot is the likelier one."""
    paths: tuple[Path, ...]
    """Every legal order of feet, the likeliest first."""

    @property
    def best(self) -> tuple[Path, ...]:
        """The likeliest path, and those that explain what was seen exactly as well."""
        top = self.paths[0].posterior if self.paths else 0.0
        return tuple(path for path in self.paths if math.isclose(path.posterior, top, rel_tol=1e-9))


def transition(before: Foot | None, after: Foot | None) -> str | None:
    """`S` for the same foot again, `A` for the other, None where either is unknown."""
    if before is None or after is None:
        return None
    return SAME if before is after else OTHER_FOOT


def transitions(feet: Sequence[Foot | None]) -> tuple[str | None, ...]:
    """One for each pair of neighbours: one fewer than `feet`."""
    return tuple(transition(a, b) for a, b in itertools.pairwise(feet))


def windows(template: Template, push_offs: int) -> Iterator[tuple[int, str]]:
    """Every stretch of a template that `push_offs` push-offs can show.

    Yields the phase it starts in (0 is the beginning) and its transitions. The phase is unknown
    because one camera sees part of a runway.
    """
    length = push_offs - 1
    run = length - len(template.cycle)
    if template.run_up:
        if run >= 2:
            yield 0, template.run_up * run + template.cycle
    elif template.repeats:
        cycle = template.cycle
        for phase in range(len(cycle)):
            yield phase, "".join(cycle[(phase + i) % len(cycle)] for i in range(length))
    else:
        for phase in range(1 - run):
            yield phase, template.cycle[phase : phase + length]


def walk(first: Foot, codes: str) -> tuple[Foot, ...]:
    """The feet of an athlete who starts with `first` and goes on as the transitions say."""
    feet = [first]
    for code in codes:
        feet.append(feet[-1] if code == SAME else feet[-1].other)
    return tuple(feet)


def fit(
    left_probabilities: Sequence[float],
    missing: dict[int, float] | None = None,
    after_approach: bool = False,
) -> Fit:
    """Weigh every exercise against the push-offs of one drill, two or more.

    `left_probabilities`: one for each push-off, in order. `missing` maps an index to the
    probability that a push-off was overlooked just before the push-off of that index.

    Given template, phase and first foot the feet are determined, so Viterbi's search is here a
    complete list: a few dozen paths. A foot unlike the one seen costs its log-odds. Phases share
    their template's weight, so of two drills that explain the feet equally well the one that
    could have explained fewer others wins.
    """
    odds = [_doubted(p) for p in left_probabilities]
    gaps: dict[int | None, float] = dict(missing or {})
    gaps[None] = 1 - sum(gaps.values())

    clears = [_clear_foot(p) for p in odds]
    compatible: set[Exercise] = set()
    found: list[tuple[float, Exercise, int | None, tuple[Foot, ...]]] = []
    for gap, gap_weight in gaps.items():
        count = len(odds) + (gap is not None)
        for template in TEMPLATES:
            prior = template.weight * gap_weight / len(Foot)
            if after_approach and template.exercise is Exercise.TRIPLE:
                prior *= APPROACH_FAVOURS_TRIPLE
            for codes, share in _shares(template, count, after_approach):
                for first in Foot:
                    feet = walk(first, codes)
                    seen = feet if gap is None else feet[:gap] + feet[gap + 1 :]
                    log_weight = math.log(prior * share) + _log_likelihood(seen, odds)
                    found.append((log_weight, template.exercise, gap, feet))
                    if all(clear in (None, foot) for clear, foot in zip(clears, seen, strict=True)):
                        compatible.add(template.exercise)

    # Every order of feet equally likely: the likelihoods of all of them sum to one.
    log_no_drill = math.log(NO_DRILL) - len(odds) * math.log(2)
    highest = max(log_no_drill, *(log_weight for log_weight, *_ in found))
    exercises: dict[Exercise, float] = defaultdict(float)
    paths: dict[tuple[int | None, tuple[Foot, ...]], float] = defaultdict(float)
    for log_weight, exercise, gap, feet in found:
        exercises[exercise] += math.exp(log_weight - highest)
        paths[gap, feet] += math.exp(log_weight - highest)
    no_drill = math.exp(log_no_drill - highest)
    total = no_drill + sum(exercises.values())
    ranked = sorted(paths.items(), key=lambda item: -item[1])
    return Fit(
        {exercise: weight / total for exercise, weight in exercises.items()},
        frozenset(compatible),
        no_drill / total,
        no_drill / total * math.prod(max(p, 1 - p) for p in odds),
        tuple(Path(feet, gap, weight / total) for (gap, feet), weight in ranked),
    )


def _shares(
    template: Template, push_offs: int, after_approach: bool
) -> Iterator[tuple[str, float]]:
    """Each window of a template with its share of the template's weight."""
    found = list(windows(template, push_offs))
    taken = {
        codes
        for other in TEMPLATES
        if template.last_resort and other is not template and not other.run_up
        for _, codes in windows(other, push_offs)
    }
    for phase, codes in found:
        share = 1 / len(found)
        if after_approach and len(found) > 1:
            rest = (1 - STARTS_AT_START) / (len(found) - 1)
            share = STARTS_AT_START if phase == 0 else rest
        if codes not in taken:
            yield codes, share


def _doubted(left_probability: float) -> float:
    least = HUMAN_CERTAINTY if left_probability in (0, 1) else NEVER_CERTAIN
    return min(max(left_probability, least), 1 - least)


def _clear_foot(left_probability: float) -> Foot | None:
    if max(left_probability, 1 - left_probability) < CLEAR_FOOT:
        return None
    return Foot.LEFT if left_probability > 0.5 else Foot.RIGHT


def _log_likelihood(feet: Sequence[Foot], left_probabilities: Sequence[float]) -> float:
    """How likely these feet are, each on its own evidence."""
    return sum(
        math.log(p if foot is Foot.LEFT else 1 - p)
        for foot, p in zip(feet, left_probabilities, strict=True)
    )
