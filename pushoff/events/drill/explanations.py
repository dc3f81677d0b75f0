"""Sentences for a coach about what a sequence of push-offs shows."""

from collections.abc import Sequence

from pushoff.events.drill.exercise import OTHER_FOOT, SAME, Fit, transitions
from pushoff.events.values import Foot

MIN_PUSH_OFFS = 3
"""Below this no exercise is named: two push-offs show one transition, which most exercises have."""
CLEAR = 0.7
"""Probability from which a yes or no about the triple jump is given."""

TRANSITION_NAMES: dict[str | None, str] = {
    SAME: "same",
    OTHER_FOOT: "alternate",
    None: "unknown",
}
"""In JSON."""
_TRANSITION_TEXTS: dict[str | None, str] = {
    SAME: "same foot",
    OTHER_FOOT: "other foot",
    None: "unknown",
}


def foot_letters(feet: Sequence[Foot | None]) -> str:
    """`L,R,?` as coaches write it."""
    return ",".join(foot.letter if foot else "?" for foot in feet)


def join_or(names: Sequence[str]) -> str:
    """`A`, `A or B`, `A, B or C`."""
    return " or ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def push_off_count(count: int) -> str:
    """`1 push-off`, `2 push-offs`."""
    return f"{count} push-off" + ("" if count == 1 else "s")


def name_push_offs(labels: Sequence[str]) -> str:
    """`push-off 1`, `push-offs 1 and 3`, `push-offs 1, 3 and A1`, by the report's labels."""
    if len(labels) == 1:
        return f"push-off {labels[0]}"
    return f"push-offs {', '.join(labels[:-1])} and {labels[-1]}"


def is_rotated(feet: Sequence[Foot | None]) -> bool:
    """Whether these feet are a part of L,L,R,L,L,R... other than L,L,R and its parts."""
    codes = transitions(feet)
    if len(codes) < 2 or codes == (SAME, OTHER_FOOT):
        return False
    known = [code for code in codes if code is not None]
    return len(known) == len(codes) and "".join(known) in "SAA" * (len(codes) // 3 + 2)


def exercise_reason(
    feet: Sequence[Foot | None],
    names: Sequence[str],
    running: int,
    after_approach: bool,
    missing_at: int | None,
) -> str:
    """Why it is one of these exercises.

    `feet` after correction, `names` of the candidates, `running` steps outside the drill.
    """
    count = len(feet)
    if count == 0:
        if running > 1:
            return f"Only running steps were found ({running}). No drill was found."
        return "No push-off was found, so there is no drill."
    if count == 1:
        return "Only 1 push-off was found: too few to name an exercise."
    named_transitions = ", ".join(_TRANSITION_TEXTS[code] for code in transitions(feet))
    sequence = f"{foot_letters(feet)} ({named_transitions})"
    if not names:
        return f"{sequence} matches none of the exercises."
    if count < MIN_PUSH_OFFS:
        too_few = f"{push_off_count(count)} are too few to name an exercise"
        return f"{sequence}: {too_few}; it can be {join_or(names)}."
    if len(names) == 1:
        ambiguous = is_rotated(feet) and not names[0].startswith("Triple")
        repeated = " A Triple repeated in a cycle has the same order of feet." if ambiguous else ""
        unmarked = names[0] == "Triple" and count > MIN_PUSH_OFFS
        run_up = ""
        if unmarked:
            first = (
                "push-off is a running step"
                if count == MIN_PUSH_OFFS + 1
                else (f"{push_off_count(count - MIN_PUSH_OFFS)} are running steps")
            )
            run_up = f" if the first {first}"
        return f"{sequence} matches {names[0]}{run_up}.{repeated}"
    if missing_at is not None:
        undecided = "a push-off was probably missed, so it cannot be decided"
    elif count == MIN_PUSH_OFFS:
        undecided = f"{push_off_count(count)} are too few to decide"
    else:
        undecided = "the feet are not clear enough to decide"
    favours = (
        " Running steps before it make Triple more likely."
        if after_approach and "Triple" in names
        else ""
    )
    return f"{sequence} can be {join_or(names)}: {undecided}.{favours}"


def unclear_feet_reason(unclear: int, count: int) -> str:
    """Why no exercise is named: the feet of `unclear` of `count` push-offs are not clear."""
    return (
        f"The feet of {unclear} of the {push_off_count(count)} are not clear enough to name an "
        "exercise: check the video."
    )


def broken_reason(broken_after: Sequence[int]) -> str:
    """Why push-offs on both sides of a gap in the video are not one drill; indices in the drill."""
    return (
        f"The video does not show what happened after {_numbered(broken_after)}, so they are not "
        "treated as one drill. Split the video there and upload each part separately."
    )


def isolated_reason(isolated: Sequence[int]) -> str:
    """Why it is open what some push-offs, indices in the drill, belong to; empty without any."""
    if not isolated:
        return ""
    what = (
        "it belongs to the drill or is a running step"
        if len(isolated) == 1
        else "they belong to the drill or are running steps"
    )
    return (
        f"Too little of the video is visible around {_numbered(isolated)} to tell whether {what}."
    )


def correction_reason(
    changed: Sequence[tuple[int, Foot | None, Foot | None]],
    missing_at: int | None,
    missing: Foot | None,
) -> str:
    """What was corrected: (index in the drill, detected foot, corrected foot), and a missed one."""
    parts = [
        f"push-off {index + 1} was changed to {corrected.value if corrected else 'unknown'} to fit "
        f"the sequence (detected: {detected.value if detected else 'unknown'})"
        for index, detected, corrected in changed
    ]
    if missing_at is not None and missing is not None:
        parts.append(
            f"a {missing.value} push-off was probably missed after push-off {missing_at}, where "
            "the interval is about twice the others"
        )
    text = "; ".join(parts)
    return f"{text[0].upper()}{text[1:]}." if text else ""


def request_reason(name: str, fits: bool | None) -> str:
    """Whether it can be the requested exercise; `fits` None: unknown."""
    if fits is None:
        return f"Too little is visible to tell whether it matches the selected exercise, {name}."
    return f"It {'matches' if fits else 'does not match'} the selected exercise, {name}."


def resembles_triple_jump(
    fit: Fit | None, feet: Sequence[Foot | None], missing_at: int | None, after_approach: bool
) -> tuple[bool | None, str]:
    """Whether it is a hop (same foot), a step (other foot), a jump and nothing else; and why.

    None where the push-offs cannot tell. `feet` after correction; `fit` None where too few of them
    are clear.
    """
    count = len(feet)
    letters = foot_letters(feet)
    if count < MIN_PUSH_OFFS:
        return None, f"{push_off_count(count).capitalize()} cannot show a hop, a step and a jump."
    if fit is None:
        return None, f"The feet ({letters}) are not clear enough to tell."
    if missing_at is not None and count - 1 == MIN_PUSH_OFFS:
        return None, (
            "A push-off was probably missed, so the drill probably has more than the three "
            "push-offs found."
        )
    if count > MIN_PUSH_OFFS:
        return _resembles_with_run_up(feet)
    share = sum(path.posterior for path in fit.paths if transitions(path.feet) == ("S", "A"))
    share /= sum(path.posterior for path in fit.paths)
    if share >= CLEAR:
        run_up = " after an approach" if after_approach else ""
        return True, f"{letters}{run_up} is a hop (same foot), then a step (other foot)."
    if share > 1 - CLEAR:
        return None, f"The feet ({letters}) are not clear enough to tell."
    if transitions(feet) == (OTHER_FOOT, SAME):
        return False, (
            f"{letters} is a Triple drill that starts with a step (to the other foot). In "
            "competition the hop (same foot) comes first, then the step."
        )
    return False, f"{letters} is not a hop (same foot), then a step (other foot)."


def _resembles_with_run_up(feet: Sequence[Foot | None]) -> tuple[bool | None, str]:
    """For more than three push-offs, of which the first may be running steps."""
    run, (hop, step) = transitions(feet)[:-2], transitions(feet)[-2:]
    if len(run) > 1 and SAME not in run and hop != OTHER_FOOT and step != SAME:
        return None, (
            f"It does only if the first {len(run)} push-offs are running steps. They alternate "
            f"feet, and the {foot_letters(feet[-3:]).replace(',', ', ')} after them is a hop and a "
            "step."
        )
    return False, f"A triple jump has 3 push-offs after its approach; there are {len(feet)}."


def _numbered(indices: Sequence[int]) -> str:
    """Indices in the drill as the report numbers its push-offs: `push-offs 1 and 3`."""
    return name_push_offs([str(index + 1) for index in indices])
