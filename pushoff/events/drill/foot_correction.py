"""Which exercises a fit leaves open, and which feet it corrects."""

from pushoff.events.drill.exercise import NAMES, Fit
from pushoff.events.values import Foot
from pushoff.values import Exercise

CANDIDATE_SHARE = 0.1
"""An exercise less likely than this, among the exercises, is not a candidate."""
AGAINST_CLEAR_FEET = 0.5
"""An exercise for which a clear foot would be wrong is a candidate from this share of the most
likely exercise's probability."""
ROUNDING = 1e-9
"""Probabilities closer than this are equal, whatever the order they were summed in."""
FILL_PROBABILITY = 0.8
"""Probability from which an unknown foot is filled in."""


def candidates_of(fit: Fit) -> tuple[Exercise, ...]:
    """The exercises it can have been, the most likely first; none where none explains the feet."""
    if _is_irregular(fit):
        return ()
    threshold = CANDIDATE_SHARE * (1 - fit.no_drill)
    threshold_against_clear = AGAINST_CLEAR_FEET * max(fit.exercises.values())
    candidates = [
        exercise
        for exercise in NAMES
        if fit.exercises.get(exercise, 0.0) + ROUNDING
        >= (threshold if exercise in fit.compatible else threshold_against_clear)
    ]
    # Rounded, so that equally likely ones keep the order of NAMES in a mirrored video too.
    return tuple(sorted(candidates, key=lambda exercise: -round(fit.exercises[exercise], 9)))


def corrected_feet(
    detected: tuple[Foot | None, ...], fit: Fit
) -> tuple[tuple[Foot | None, ...], int | None]:
    """The most likely feet, and the index at which a missed push-off was inserted.

    Nothing changes where no exercise fits, or where several orders of feet are equally likely. An
    unknown foot is filled in only where most of the probability agrees. So the result is never
    further from an exercise than what was detected.
    """
    if _is_irregular(fit):
        return detected, None
    best = fit.best
    unique = best[0] if len(best) == 1 else None
    total = sum(path.posterior for path in fit.paths)
    corrected: list[Foot | None] = []
    for i, foot in enumerate(detected):
        choice = best[0].detected[i]
        if foot is not None:
            corrected.append(choice if unique else foot)
            continue
        unanimous = len({path.detected[i] for path in best}) == 1
        share = sum(path.posterior for path in fit.paths if path.detected[i] is choice)
        is_clear = unanimous and share >= FILL_PROBABILITY * total
        corrected.append(choice if is_clear else None)
    if unique is None or unique.missing_at is None:
        return tuple(corrected), None
    corrected.insert(unique.missing_at, unique.feet[unique.missing_at])
    return tuple(corrected), unique.missing_at


def _is_irregular(fit: Fit) -> bool:
    """Whether the detected feet, as no exercise, are more likely than any exercise."""
    return fit.no_drill > 0.5 or fit.no_drill_as_detected > fit.paths[0].posterior + ROUNDING
