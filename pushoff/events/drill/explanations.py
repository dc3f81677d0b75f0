"""What a reading of push-offs says, in a coach's words."""

from collections.abc import Sequence

from pushoff.events.drill.exercise import OTHER_FOOT, SAME, Fit, transitions
from pushoff.events.values import Foot

ENOUGH_PUSH_OFFS = 3
"""Below this no exercise is named: two push-offs show one transition, which most drills have."""
CLEAR = 0.7
"""Probability from which a yes or no about the triple jump is given."""

CODE_WORDS = {SAME: "same", OTHER_FOOT: "alternate", None: "unknown"}


def foot_letters(feet: Sequence[Foot | None]) -> str:
    """`L,R,?` as coaches write it."""
    return ",".join(foot.letter if foot else "?" for foot in feet)


def join_or(names: Sequence[str]) -> str:
    """`A`, `A or B`, `A, B or C`."""
    return " or ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def push_offs(count: int) -> str:
    """`1 push-off`, `2 push-offs`."""
    return f"{count} push-off" + ("" if count == 1 else "s")


def is_rotated(feet: Sequence[Foot | None]) -> bool:
    """Whether these feet are a piece of L,L,R,L,L,R... other than L,L,R and its pieces."""
    codes = transitions(feet)
    if len(codes) < 2 or None in codes or codes == (SAME, OTHER_FOOT):
        return False
    return "".join(codes) in "SAA" * (len(codes) // 3 + 2)


def exercise_reason(
    feet: Sequence[Foot | None],
    names: Sequence[str],
    running: int,
    after_approach: bool,
    missing_at: int | None,
) -> str:
    """Why these exercises, and not one more or less.

    `feet` after correction, `names` of the candidates, `running` steps outside the drill.
    """
    count = len(feet)
    if count == 0:
        steps = f"Only {running} running steps were" if running > 1 else "No push-off was"
        return f"{steps} found: there is no drill to name."
    if count == 1:
        return "Only 1 push-off was found: nothing can be said about the exercise."
    seen = f"{foot_letters(feet)} ({', '.join(CODE_WORDS[code] for code in transitions(feet))})"
    if not names:
        return f"{seen} fits none of the drills."
    if count < ENOUGH_PUSH_OFFS:
        few = f"{push_offs(count)} are too few to name an exercise"
        return f"{seen}: {few}; it can be {join_or(names)}."
    if len(names) == 1:
        also = is_rotated(feet) and not names[0].startswith("Triple")
        repeated = " A repeated Triple would look the same." if also else ""
        unmarked = names[0] == "Triple" and count > ENOUGH_PUSH_OFFS
        run_up = f", if its first {push_offs(count - 3)} are running steps" if unmarked else ""
        return f"{seen} is how {names[0]} goes{run_up}.{repeated}"
    if missing_at is not None:
        why = "with one push-off overlooked that cannot be decided"
    elif count == ENOUGH_PUSH_OFFS:
        why = f"{push_offs(count)} cannot decide"
    else:
        why = "the feet are not clear enough to decide"
    favours = " The approach speaks for Triple." if after_approach and "Triple" in names else ""
    return f"{seen} can be {join_or(names)}: {why}.{favours}"


def guess_reason(unclear: int, count: int) -> str:
    """Why nothing is said of the exercise: `unclear` of the feet of `count` push-offs."""
    return (
        f"The feet of {unclear} of the {push_offs(count)} are not clear enough to name an exercise:"
        " look at the pictures."
    )


def broken_reason(broken_after: Sequence[int]) -> str:
    """Why push-offs before and after a gap in the video, indices in the drill, are not one drill."""
    return (
        f"The video does not show what happened after push-off {_numbers(broken_after)}, so these "
        "are not read as one drill: cut the video there and have each part read by itself."
    )


def alone_reason(alone: Sequence[int]) -> str:
    """What to say of push-offs, indices in the drill, too little is seen around."""
    if not alone:
        return ""
    return (
        f"Too little of the video is seen around push-off {_numbers(alone)} to tell whether it is "
        "part of a drill or a running step."
    )


def correction_reason(
    changed: Sequence[tuple[int, Foot | None, Foot]], missing_at: int | None, missing: Foot | None
) -> str:
    """What was changed to read it so: (index in the drill, foot seen, foot read), and a miss."""
    parts = [
        f"push-off {index + 1} is read as {read.value} "
        + ("(nobody could tell)" if seen is None else f"though it looked {seen.value}")
        for index, seen, read in changed
    ]
    if missing_at is not None and missing is not None:
        parts.append(
            f"a {missing.value} push-off was probably overlooked after push-off {missing_at}, "
            "where the interval is about twice the others"
        )
    text = "; ".join(parts)
    return f"{text[0].upper()}{text[1:]}." if text else ""


def asked_reason(name: str, fits: bool | None) -> str:
    """Whether it can be the exercise the coach asked for."""
    if fits is None:
        return f"Too little was seen to say whether it fits the {name} asked for."
    return f"It {'fits' if fits else 'does not fit'} the {name} asked for."


def resembles_triple_jump(
    found: Fit | None, feet: Sequence[Foot | None], missing_at: int | None, after_approach: bool
) -> tuple[bool | None, str]:
    """Whether it goes hop (same foot), step (other foot), jump, and nothing else; and why.

    None where what was seen cannot tell. `feet` after correction; no `found` where too few of
    them are clear.
    """
    count = len(feet)
    text = foot_letters(feet)
    if count < ENOUGH_PUSH_OFFS:
        return None, f"{push_offs(count).capitalize()} cannot show a hop, a step and a jump."
    if found is None:
        return None, f"The feet ({text}) are not clear enough to tell."
    if missing_at is not None and count - 1 == ENOUGH_PUSH_OFFS:
        return None, "A push-off was probably overlooked, so the three seen are not all."
    if count > ENOUGH_PUSH_OFFS:
        run, (hop, step) = transitions(feet)[:-2], transitions(feet)[-2:]
        if len(run) > 1 and SAME not in run and hop != OTHER_FOOT and step != SAME:
            return None, (
                f"It does only if the first {len(run)} push-offs are running steps: they "
                f"alternate, then {foot_letters(feet[-3:])} is a hop and a step."
            )
        return False, f"A triple jump has 3 push-offs after its approach; these are {count}."
    share = sum(path.posterior for path in found.paths if transitions(path.feet) == ("S", "A"))
    share /= sum(path.posterior for path in found.paths)
    if share >= CLEAR:
        run_up = " after an approach" if after_approach else ""
        return True, f"{text}{run_up} is a hop on the same foot, then a step to the other."
    if share > 1 - CLEAR:
        return None, f"The feet ({text}) are not clear enough to tell."
    if transitions(feet) == (OTHER_FOOT, SAME):
        return False, (
            f"{text} is a Triple drill begun at another foot; in competition the hop, on the same "
            "foot, comes first, then the step to the other."
        )
    return False, f"{text} is not a hop on the same foot and then a step to the other."


def _numbers(indices: Sequence[int]) -> str:
    """Indices in the drill as the report counts its push-offs: `1, 3`."""
    return ", ".join(str(index + 1) for index in indices)
