"""Which exercise a sequence of left and right push-offs can be a part of.

An exercise is a cycle of transitions: `S`, the same foot again (a hop), or `A`, the other foot (a
step). In this form neither the leg the athlete starts with nor the side of the camera matters. The
cycles are those of docs/domain.md, "Exercises", after the article it cites: Triple L,L,R; Hop-Steps
L,L,R,R; 2 Hops 2 Steps L,L,L,R,L,L,L; Steps L,R; Hops L,L.
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
"""Prior weight of "none of these exercises", against 1 for an exercise: every order of feet is
equally likely.

The preference for an exercise grows with the number of push-offs, so a single foot seen with
certainty (99 to 1) overrules an exercise of five push-offs and yields to one of seven.
"""
STARTS_AT_PHASE_0 = 0.7
"""Share of drills that begin with their first transition when the approach before them is visible.

Not all do: the end of the approach may itself be misjudged by one push-off.
"""
TRIPLE_WEIGHT_AFTER_APPROACH = 2.0
"""An approach makes a single triple jump more likely than the drills; an estimate, not measured."""
CLEAR_FOOT = 0.75
"""Probability from which a foot counts as clear."""
NEVER_CERTAIN = 0.01
"""A detector's foot probabilities are clamped to this distance from 0 and 1."""
HUMAN_CERTAINTY = 1e-6
"""The same for probabilities of exactly 0 or 1, which a person's correction sets
(`pushoff.coach.corrections`): no exercise is likely enough to overrule it."""


@dataclass(frozen=True)
class Template:
    """One way of performing an exercise."""

    exercise: Exercise
    cycle: str
    """Transitions, `S` or `A`."""
    repeats: bool = True
    """False: performed once, with at most one push-off more than the cycle has transitions."""
    run_up: str = ""
    """A transition that precedes the cycle at least twice, and any number of times."""
    last_resort: bool = False
    """Used only for transitions that no other template has."""
    weight: float = 1.0
    """Prior weight, against 1 for the others."""


TEMPLATES = (
    Template(Exercise.HOPS, "S"),
    Template(Exercise.STEPS, "A"),
    Template(Exercise.HOP_STEPS, "SA"),
    Template(Exercise.TWO_HOPS_TWO_STEPS, "SSAA"),
    Template(Exercise.TRIPLE, "SA", repeats=False),
    # R,L,L: the article lists it, but no competition jump has this order.
    Template(Exercise.TRIPLE, "AS", repeats=False, weight=0.3),
    # L,L,R repeated: with four push-offs always, and with five mostly, 2 Hops 2 Steps or Hop-Steps
    # have the same transitions and are more likely meant.
    Template(Exercise.TRIPLE, "SAA", last_resort=True),
    # After an approach whose steps were not recognised as running steps.
    Template(Exercise.TRIPLE, "SA", repeats=False, run_up="A", weight=0.3),
)


@dataclass(frozen=True)
class Path:
    """One possible order of feet, and how well it explains the detected feet."""

    feet: tuple[Foot, ...]
    """One for each detected push-off, and one more where `missing_at` is set."""
    missing_at: int | None
    """Index in `feet` of a push-off that was not detected."""
    posterior: float

    @property
    def detected(self) -> tuple[Foot, ...]:
        """Only the push-offs that were detected."""
        return _without(self.feet, self.missing_at)


@dataclass(frozen=True)
class Fit:
    """How well each exercise explains the push-offs of one drill."""

    exercises: dict[Exercise, float]
    """Posterior probability of each; with `no_drill` they sum to 1."""
    compatible: frozenset[Exercise]
    """Exercises that need no clear foot changed; an unclear foot fits any."""
    no_drill: float
    """Posterior probability that it is none of the exercises."""
    no_drill_as_detected: float
    """Posterior probability that it is none of them and every foot is the more likely one."""
    paths: tuple[Path, ...]
    """Every possible order of feet, the most likely first."""

    @property
    def best(self) -> tuple[Path, ...]:
        """The most likely path, and those that are equally likely."""
        top = self.paths[0].posterior if self.paths else 0.0
        return tuple(path for path in self.paths if math.isclose(path.posterior, top, rel_tol=1e-9))


def transition(before: Foot | None, after: Foot | None) -> str | None:
    """`S` for the same foot, `A` for the other, None where either is unknown."""
    if before is None or after is None:
        return None
    return SAME if before is after else OTHER_FOOT


def transitions(feet: Sequence[Foot | None]) -> tuple[str | None, ...]:
    """One for each pair of neighbours: one fewer than `feet`."""
    return tuple(transition(a, b) for a, b in itertools.pairwise(feet))


def windows(template: Template, push_offs: int) -> Iterator[tuple[int, str]]:
    """Every part of a template that `push_offs` push-offs can show.

    Yields the phase it starts in (0 is the beginning) and its transitions. The phase is unknown
    because one camera sees only a part of the runway.
    """
    length = push_offs - 1
    before_cycle = length - len(template.cycle)
    if template.run_up:
        if before_cycle >= 2:
            yield 0, template.run_up * before_cycle + template.cycle
    elif template.repeats:
        cycle = template.cycle
        for phase in range(len(cycle)):
            yield phase, "".join(cycle[(phase + i) % len(cycle)] for i in range(length))
    else:
        for phase in range(1 - before_cycle):
            yield phase, template.cycle[phase : phase + length]


def walk(first: Foot, codes: str) -> tuple[Foot, ...]:
    """The feet of an athlete who starts with `first` and follows the transitions `codes`."""
    feet = [first]
    for code in codes:
        feet.append(feet[-1] if code == SAME else feet[-1].other)
    return tuple(feet)


@dataclass(frozen=True)
class _Hypothesis:
    log_weight: float
    exercise: Exercise
    missing_at: int | None
    feet: tuple[Foot, ...]


def fit(
    left_probabilities: Sequence[float],
    missing: dict[int, float] | None = None,
    after_approach: bool = False,
) -> Fit:
    """The posterior probability of every exercise given the push-offs of one drill, two or more.

    `left_probabilities`: one for each push-off, in order. `missing` maps an index to the
    probability that a push-off was missed just before the push-off of that index.

    Template, phase and first foot determine the feet, so instead of a Viterbi search all paths are
    enumerated: a few dozen. A foot unlike the detected one costs its log-odds. Phases share their
    template's weight, so of two exercises that explain the feet equally well the one that could
    have explained fewer other orders wins.
    """
    lefts = [_clamp(probability) for probability in left_probabilities]
    hypotheses = list(_hypotheses(lefts, missing or {}, after_approach))
    clear_feet = [_clear_foot(left) for left in lefts]
    compatible = {
        hypothesis.exercise
        for hypothesis in hypotheses
        if _agrees(clear_feet, _without(hypothesis.feet, hypothesis.missing_at))
    }
    # Every order of feet is equally likely: the likelihoods of all of them sum to one.
    log_no_drill = math.log(NO_DRILL) - len(lefts) * math.log(2)
    highest = max(log_no_drill, *(hypothesis.log_weight for hypothesis in hypotheses))
    exercises: dict[Exercise, float] = defaultdict(float)
    paths: dict[tuple[int | None, tuple[Foot, ...]], float] = defaultdict(float)
    for hypothesis in hypotheses:
        weight = math.exp(hypothesis.log_weight - highest)
        exercises[hypothesis.exercise] += weight
        paths[hypothesis.missing_at, hypothesis.feet] += weight
    no_drill = math.exp(log_no_drill - highest)
    total = no_drill + sum(exercises.values())
    ranked = sorted(paths.items(), key=lambda item: -item[1])
    return Fit(
        {exercise: weight / total for exercise, weight in exercises.items()},
        frozenset(compatible),
        no_drill / total,
        no_drill / total * math.prod(max(left, 1 - left) for left in lefts),
        tuple(Path(feet, missing_at, weight / total) for (missing_at, feet), weight in ranked),
    )


def _hypotheses(
    lefts: Sequence[float], missing: dict[int, float], after_approach: bool
) -> Iterator[_Hypothesis]:
    """Every combination of missed push-off, template, phase and first foot, with its weight."""
    gaps: dict[int | None, float] = {index: weight for index, weight in missing.items()}
    gaps[None] = 1 - sum(missing.values())
    for missing_at, gap_weight in gaps.items():
        count = len(lefts) + (missing_at is not None)
        for template in TEMPLATES:
            prior = template.weight * gap_weight / len(Foot)
            if after_approach and template.exercise is Exercise.TRIPLE:
                prior *= TRIPLE_WEIGHT_AFTER_APPROACH
            for codes, share in _shares(template, count, after_approach):
                for first in Foot:
                    feet = walk(first, codes)
                    detected = _without(feet, missing_at)
                    log_weight = math.log(prior * share) + _log_likelihood(detected, lefts)
                    yield _Hypothesis(log_weight, template.exercise, missing_at, feet)


def _shares(
    template: Template, push_offs: int, after_approach: bool
) -> Iterator[tuple[str, float]]:
    """The transitions of each window of a template with its share of the template's weight."""
    parts = list(windows(template, push_offs))
    excluded = {
        codes
        for other in TEMPLATES
        if template.last_resort and other is not template and not other.run_up
        for _, codes in windows(other, push_offs)
    }
    for phase, codes in parts:
        share = 1 / len(parts)
        if after_approach and len(parts) > 1:
            rest = (1 - STARTS_AT_PHASE_0) / (len(parts) - 1)
            share = STARTS_AT_PHASE_0 if phase == 0 else rest
        if codes not in excluded:
            yield codes, share


def _without(feet: tuple[Foot, ...], missing_at: int | None) -> tuple[Foot, ...]:
    return feet if missing_at is None else feet[:missing_at] + feet[missing_at + 1 :]


def _agrees(clear_feet: Sequence[Foot | None], feet: Sequence[Foot]) -> bool:
    return all(clear in (None, foot) for clear, foot in zip(clear_feet, feet, strict=True))


def _clamp(left_probability: float) -> float:
    margin = HUMAN_CERTAINTY if left_probability in (0, 1) else NEVER_CERTAIN
    return min(max(left_probability, margin), 1 - margin)


def _clear_foot(left_probability: float) -> Foot | None:
    if max(left_probability, 1 - left_probability) < CLEAR_FOOT:
        return None
    return Foot.LEFT if left_probability > 0.5 else Foot.RIGHT


def _log_likelihood(feet: Sequence[Foot], lefts: Sequence[float]) -> float:
    """Log likelihood of these feet, each independent of the others."""
    return sum(
        math.log(left if foot is Foot.LEFT else 1 - left)
        for foot, left in zip(feet, lefts, strict=True)
    )
