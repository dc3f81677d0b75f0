"""What several people know of one video as one truth; where they disagree nothing is known."""

from collections import Counter
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np

from pushoff.events.ground_truth import PUSH_OFF_S, GroundTruth
from pushoff.events.matching import match

DISPUTED_S = 0.05
"""Nothing is known this close to a push-off that only one of two people sees: about a third of the
shortest ground contact of a sprint."""
PUSH_OFF_DISPUTE, FOOT_DISPUTE, APPROACH_DISPUTE = (
    "push-off checked differently",
    "foot checked differently",
    "running step checked differently",
)
"""Reasons by which disagreements are counted, one for each push-off."""


@dataclass(frozen=True)
class JoinedTruth:
    """The truth of a video from two people, and where they disagree."""

    truth: GroundTruth
    disputes: Counter[str]
    """Push-offs by reason."""
    disputed_frames: tuple[int, ...]
    """Frames of the disputed push-offs, ascending."""


def agreement_frames(capture_fps: float) -> int:
    """Frames by which two marks of one push-off may differ: 12.5 ms, three frames at 240/s."""
    return round(PUSH_OFF_S * capture_fps)


def join_truths(first: GroundTruth, second: GroundTruth) -> JoinedTruth:
    """Both of the same video. Of two marks that agree the first one's is taken. Players disagree on
    the last frame of a file: a frame that only the second has is left out.

    A push-off that the other person must have seen, and did not mark, is disputed: the frames
    around it become unknown. A disputed foot or running step becomes unknown.
    """
    limit = agreement_frames(first.capture_fps)
    pairs = match(first.push_off_frames, second.push_off_frames, limit).pairs
    partner = dict(pairs)
    paired = {j for _, j in pairs}
    known, theirs = first.known_frames(), second.known_frames()[: first.frames]
    known[: len(theirs)] |= theirs
    disputes: Counter[str] = Counter()
    disputed: set[int] = set()
    kept: list[_Mark] = []
    for truth, other, own in ((first, second, True), (second, first, False)):
        for number, frame in enumerate(truth.push_off_frames):
            if own and number in partner:
                mark, reasons = _joined(_mark(first, number), _mark(second, partner[number]))
                kept.append(mark)
                disputes.update(reasons)
                disputed |= {frame} if reasons else set()
            elif not own and (number in paired or frame >= first.frames):
                continue
            elif other.knows(frame):
                disputes[PUSH_OFF_DISPUTE] += 1
                disputed.add(frame)
                reach = round(DISPUTED_S * first.capture_fps)
                known[max(frame - reach, 0) : frame + reach + 1] = False
            else:
                kept.append(_mark(truth, number))
    kept.sort(key=lambda mark: mark.frame)
    joined = with_known(first, known)
    joined = replace(
        joined,
        push_off_frames=tuple(mark.frame for mark in kept),
        feet=tuple(mark.foot for mark in kept),
        approach=tuple(mark.approach for mark in kept),
        uncertainty_frames=tuple(mark.uncertainty_frames for mark in kept),
        toes_px=tuple(mark.toe_px for mark in kept) if any(m.toe_px for m in kept) else (),
        touch_down_frames=first.touch_down_frames or second.touch_down_frames,
    )
    return JoinedTruth(joined, disputes, tuple(sorted(disputed)))


def with_known(truth: GroundTruth, known: np.ndarray) -> GroundTruth:
    """The truth with exactly the frames of `known`, (frames,) bool, as those that are known."""
    frames = np.flatnonzero(known)
    if not len(frames):
        return replace(truth, complete_from=0, complete_to=0, unknown=((0, 0),))
    first, last = int(frames[0]), int(frames[-1])
    stretches = []
    for is_known, group in groupby(range(first, last + 1), key=lambda frame: bool(known[frame])):
        stretch = list(group)
        if not is_known:
            stretches.append((stretch[0], stretch[-1]))
    return replace(truth, complete_from=first, complete_to=last, unknown=tuple(stretches))


@dataclass(frozen=True)
class _Mark:
    """One push-off of a truth."""

    frame: int
    foot: str | None
    approach: bool | None
    uncertainty_frames: int
    toe_px: tuple[float, float] | None


def _mark(truth: GroundTruth, number: int) -> _Mark:
    return _Mark(
        truth.push_off_frames[number],
        truth.feet[number],
        truth.approach[number],
        truth.uncertainty_frames[number],
        truth.toes_px[number] if truth.toes_px else None,
    )


def _joined(first: _Mark, second: _Mark) -> tuple[_Mark, list[str]]:
    """One push-off that both marked, and the reasons of what is disputed."""
    reasons = []
    foot = first.foot or second.foot
    if first.foot and second.foot and first.foot != second.foot:
        foot = None
        reasons.append(FOOT_DISPUTE)
    approach = second.approach if first.approach is None else first.approach
    if None not in (first.approach, second.approach) and first.approach != second.approach:
        approach = None
        reasons.append(APPROACH_DISPUTE)
    joined = replace(first, foot=foot, approach=approach, toe_px=first.toe_px or second.toe_px)
    return joined, reasons
