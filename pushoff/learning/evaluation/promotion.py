"""Whether a candidate becomes champion: pure functions of held-out scores. No torch here."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from pushoff.values import PromotionDecision, Scorecard


def baseline_f1(card: Scorecard) -> float:
    """F1 of the best answer that looks at no picture: always, never, or at random by frequency.

    Always saying push_off has F1 2q/(1+q) where q is the share of push_offs; never has 0, and
    guessing with probability q has q.
    """
    share = card.push_offs / card.frames if card.frames else 0.0
    return max(2 * share / (1 + share), share, 0.0)


def decide(
    candidate: Scorecard,
    champion: Scorecard | None,
    confidence: float | None,
    *,
    minimum_gain: float,
    minimum_confidence: float,
) -> PromotionDecision:
    """Promote or keep, with the reason in words and numbers.

    `confidence` is the share of paired bootstrap draws the candidate won; None without champion.
    Raises ValueError when the two cards were measured on different frames.
    """
    where = _where(candidate)
    if not all(math.isfinite(one) for one in (candidate.f1, candidate.average_precision)):
        return PromotionDecision(False, "kept: the candidate's scores are not numbers")
    if not candidate.push_offs or candidate.push_offs == candidate.frames:
        return PromotionDecision(False, f"kept: only one class among {where}")
    if champion is None:
        floor = baseline_f1(candidate)
        if candidate.f1 > floor:
            return PromotionDecision(
                True,
                f"promoted: first model, held-out F1 {candidate.f1:.3f} beats {floor:.3f}, the "
                f"best answer without looking, on {where}",
            )
        return PromotionDecision(
            False,
            f"kept without a champion: held-out F1 {candidate.f1:.3f} does not beat {floor:.3f}, "
            f"the best answer without looking, on {where}",
        )
    if (candidate.sessions, candidate.frames) != (champion.sessions, champion.frames):
        raise ValueError("candidate and champion were not scored on the same held-out frames")
    gain = candidate.f1 - champion.f1
    numbers = f"held-out F1 {candidate.f1:.3f} against the champion's {champion.f1:.3f}"
    if not math.isfinite(gain):
        return PromotionDecision(False, "kept: the champion's scores are not numbers")
    if gain < minimum_gain - 1e-12 or gain <= 0:
        return PromotionDecision(
            False,
            f"kept: {numbers} is a gain of {gain:+.3f}, {minimum_gain:.3f} is asked for, "
            f"on {where}",
        )
    if confidence is None or not confidence >= minimum_confidence:
        said = "unknown" if confidence is None else f"{confidence:.0%}"
        return PromotionDecision(
            False,
            f"kept: {numbers}, but it wins only in {said} of paired draws, "
            f"{minimum_confidence:.0%} is asked for, on {where}",
        )
    return PromotionDecision(
        True, f"promoted: {numbers}, winning in {confidence:.0%} of paired draws, on {where}"
    )


def _where(card: Scorecard) -> str:
    """`57 synthetic frames (12 push-offs) of 2 held-out sessions`, and how far to trust it."""
    count = len(card.sessions)
    text = (
        f"{card.frames} {card.footage} frames ({card.push_offs} push-offs) "
        f"of {count} held-out session{'' if count == 1 else 's'}"
    )
    return text if card.independent else text + " that were also trained on: optimistic"


@dataclass(frozen=True)
class ClipCounts:
    """The push-offs of one clip that was held out when an event model was trained."""

    clip: str
    truth: int
    """Labelled push-offs."""
    found: int
    """Push-offs the model found."""
    matched: int
    """Pairs of a labelled and a found push-off within the tolerance."""


@dataclass(frozen=True)
class EventChampion:
    """The event model that a candidate is compared with."""

    version: str
    clips: Sequence[ClipCounts]
    """Of the clips it was trained on, each while held out; empty where none was."""
    refusal: str = ""
    """Why its files cannot be used any more; empty where they can."""


def decide_event_model(
    candidate: Sequence[ClipCounts] | None, champion: EventChampion | None
) -> PromotionDecision:
    """Promote an event model that is not worse on the clips which both models held out.

    `candidate` is None where its training held nothing out. A first model is promoted without a
    comparison, and so is one whose champion cannot be compared: its files are unusable, or the two
    share no held-out clip. Several clips are scored together: F1 = 2 matched / (truth + found).
    """
    if champion is None:
        return PromotionDecision(True, "promoted: first event model")
    if candidate is None:
        return PromotionDecision(
            False,
            "kept: the clips are of one athlete, so none could be held out to compare with "
            f"{champion.version}",
        )
    if champion.refusal:
        return PromotionDecision(
            True, f"promoted: {champion.version} cannot be used any more: {champion.refusal}"
        )
    candidate_clips = {counts.clip: counts for counts in candidate}
    champion_clips = {counts.clip: counts for counts in champion.clips}
    shared = sorted(candidate_clips.keys() & champion_clips.keys())
    if not shared:
        return PromotionDecision(
            True, f"promoted: no held-out clip in common with {champion.version}"
        )
    candidate_f1 = _event_f1([candidate_clips[clip] for clip in shared])
    champion_f1 = _event_f1([champion_clips[clip] for clip in shared])
    promote = candidate_f1 >= champion_f1
    clips = "1 shared clip" if len(shared) == 1 else f"{len(shared)} shared clips"
    return PromotionDecision(
        promote,
        f"{'promoted' if promote else 'kept'}: held-out event F1 {candidate_f1:.3f}, the champion "
        f"{champion.version} {champion_f1:.3f}, on {clips}",
    )


def _event_f1(clips: Sequence[ClipCounts]) -> float:
    """F1 over all clips together; 0 where nothing is labelled and nothing was found."""
    matched = sum(counts.matched for counts in clips)
    return 2 * matched / max(sum(counts.truth + counts.found for counts in clips), 1)
