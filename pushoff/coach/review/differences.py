"""What a newer version of the model sees differently, with the corrections that take it over."""

from dataclasses import dataclass

from pushoff.coach.corrections import Correction, check_correction
from pushoff.coach.session_report import SessionView
from pushoff.errors import BadInput
from pushoff.events.joined_truth import DISPUTED_S, agreement_frames
from pushoff.events.matching import match
from pushoff.events.report import SessionReport
from pushoff.events.spotting import FrameScores


@dataclass(frozen=True)
class Difference:
    """One thing that the newer version sees differently."""

    text: str
    """A phrase for the coach, without a full stop."""
    frame: int
    """Where to look."""
    correction: Correction
    """Makes the report say the same."""


def differences(view: SessionView) -> tuple[Difference, ...]:
    """In order of frame; none without a newer report. Possible push-offs of the newer are none.

    Push-offs that are up to 50 ms apart are the same one; up to 12.5 ms they do not differ.
    """
    if view.newer is None:
        return ()
    current, newer = view.report, view.newer
    fps = float(view.analysis.info.capture_rate)
    counted = sorted((*newer.sequence.approach, *newer.sequence.drill))
    pairs = match(
        [event.frame for event in current.events],
        [newer.events[index].frame for index in counted],
        max(round(DISPUTED_S * fps), 1),
    ).pairs
    found: list[Difference] = []
    for index, position in pairs:
        found += _of_pair(current, index, newer, counted[position], agreement_frames(fps))
    alone = set(range(len(current.events))) - {index for index, _ in pairs}
    for index in sorted(alone - set(current.sequence.possible)):
        frame = current.events[index].frame
        text = f"{current.labels[index]} in frame {frame} is not a push-off"
        found.append(Difference(text, frame, Correction("delete", frame)))
    for position in sorted(set(range(len(counted))) - {position for _, position in pairs}):
        index = counted[position]
        frame, foot = newer.events[index].frame, newer.sequence.feet[index]
        side = f", {foot.value} foot" if foot else ""
        text = f"one more push-off in frame {frame}{side}"
        found.append(Difference(text, frame, Correction("add", frame, foot=foot)))
    possible = [
        difference
        for difference in found
        if _can_be_taken(difference, current, view.analysis.scores)
    ]
    return tuple(sorted(possible, key=lambda difference: difference.frame))


def _of_pair(
    current: SessionReport, index: int, newer: SessionReport, other: int, limit: int
) -> list[Difference]:
    """How the two see one push-off. A moved one is compared again once the move is taken over."""
    label, frame = current.labels[index], current.events[index].frame
    to_frame = newer.events[other].frame
    if index in current.sequence.possible:
        text = f"{label} is a push-off, in frame {to_frame}"
        return [Difference(text, to_frame, Correction("move", frame, to_frame=to_frame))]
    if abs(to_frame - frame) > limit:
        text = f"{label} is in frame {to_frame}, not {frame}"
        return [Difference(text, to_frame, Correction("move", frame, to_frame=to_frame))]
    found = []
    foot, sees = current.sequence.feet[index], newer.sequence.feet[other]
    if sees and sees is not foot:
        text = f"{label} in frame {frame} is the {sees.value} foot"
        found.append(Difference(text, frame, Correction("foot", frame, foot=sees)))
    running, sees_running = (
        index in current.sequence.approach,
        other in newer.sequence.approach,
    )
    if running != sees_running:
        part = "a running step" if sees_running else "part of the drill"
        text = f"{label} in frame {frame} is {part}"
        found.append(Difference(text, frame, Correction("approach", frame, approach=sees_running)))
    return found


def _can_be_taken(difference: Difference, current: SessionReport, scores: FrameScores) -> bool:
    try:
        check_correction(difference.correction, current.events, scores.athlete, scores.times_s)
    except BadInput:
        return False
    return True
