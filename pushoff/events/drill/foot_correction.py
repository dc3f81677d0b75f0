"""Which exercises a fit of the drills leaves open, and which feet it puts right."""

from pushoff.events.drill.exercise import NAMES, Fit
from pushoff.events.values import Foot
from pushoff.values import Exercise

CANDIDATE_SHARE = 0.1
"""An exercise less likely than this, among the exercises, is not offered."""
AGAINST_CLEAR_FEET = 0.5
"""An exercise for which a clear foot must be wrong is offered from this part of the likeliest."""
HAIR = 1e-9
"""Probabilities closer than this are equal, whatever the order they were summed in."""
FILL = 0.8
"""Probability from which a foot nobody saw is written down."""


def candidates_of(found: Fit) -> tuple[Exercise, ...]:
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
    # Rounded, so that equally likely ones keep the order of NAMES in a mirrored video too.
    return tuple(sorted(named, key=lambda exercise: -round(found.exercises[exercise], 9)))


def corrected_feet(
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


def _is_irregular(found: Fit) -> bool:
    """Whether the feet as seen, being no drill, are likelier than any drill."""
    return found.no_drill > 0.5 or found.as_seen > found.paths[0].posterior + HAIR
