"""Whether a candidate becomes champion: pure functions of held-out scores. No torch here."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from pushoff.values import PromotionDecision, Scorecard


def baseline_f1(card: Scorecard) -> float:
    """F1 of the best trivial baseline: always push_off, never, or at random by frequency.

    Always push_off has F1 2q/(1+q) where q is the share of push_offs; never has 0, and guessing
    with probability q has q.
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
    """Promote a frame model or not, with the reason and its numbers.

    `confidence` is the share of paired bootstrap samples the candidate won; None without champion.
    Raises ValueError when the two cards were measured on different frames.
    """
    frames = _describe_frames(candidate)
    if not (math.isfinite(candidate.f1) and math.isfinite(candidate.average_precision)):
        return PromotionDecision(False, "not promoted: the candidate's scores are not finite")
    if not candidate.push_offs or candidate.push_offs == candidate.frames:
        return PromotionDecision(False, f"not promoted: only one class among {frames}")
    if champion is None:
        return _decide_first(candidate, frames)
    if (candidate.sessions, candidate.frames) != (champion.sessions, champion.frames):
        raise ValueError("candidate and champion were not scored on the same held-out frames")
    gain = candidate.f1 - champion.f1
    scores = f"held-out F1 {candidate.f1:.3f} (champion {champion.f1:.3f})"
    if not math.isfinite(gain):
        return PromotionDecision(False, "not promoted: the champion's scores are not finite")
    if gain < minimum_gain - 1e-12 or gain <= 0:
        return PromotionDecision(
            False,
            f"not promoted: {scores}, gain {gain:+.3f} is below the required {minimum_gain:.3f} "
            f"({frames})",
        )
    wins = "an unknown share" if confidence is None else f"{100 * confidence:.0f} %"
    if confidence is None or not confidence >= minimum_confidence:
        return PromotionDecision(
            False,
            f"not promoted: {scores}, better in {wins} of bootstrap samples; "
            f"{100 * minimum_confidence:.0f} % required ({frames})",
        )
    return PromotionDecision(
        True, f"promoted: {scores}, better in {wins} of bootstrap samples ({frames})"
    )


def _decide_first(candidate: Scorecard, frames: str) -> PromotionDecision:
    """A first model has to beat the trivial baseline."""
    baseline = baseline_f1(candidate)
    if candidate.f1 > baseline:
        return PromotionDecision(
            True,
            f"promoted: first model, held-out F1 {candidate.f1:.3f} beats the {baseline:.3f} "
            f"trivial baseline ({frames})",
        )
    return PromotionDecision(
        False,
        f"not promoted (there is no champion yet): held-out F1 {candidate.f1:.3f} does not beat "
        f"the {baseline:.3f} trivial baseline ({frames})",
    )


def _describe_frames(card: Scorecard) -> str:
    """`57 synthetic frames, 12 push-offs, 2 held-out videos`, and whether that is optimistic."""
    count = len(card.sessions)
    text = (
        f"{card.frames} {card.footage} frames, {card.push_offs} push-offs, "
        f"{count} held-out video{'' if count == 1 else 's'}"
    )
    if card.independent:
        return text
    return f"{text}; the model was also trained on them, so the score is optimistic"


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
            "not promoted: the clips are of one athlete, so none could be held out to compare with "
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
    clips = "1 clip" if len(shared) == 1 else f"{len(shared)} clips"
    return PromotionDecision(
        promote,
        f"{'promoted' if promote else 'not promoted'}: held-out event F1 {candidate_f1:.3f} "
        f"(champion {champion.version}: {champion_f1:.3f}; compared on {clips} that both held out)",
    )


def _event_f1(clips: Sequence[ClipCounts]) -> float:
    """F1 over all clips together; 0 where nothing is labelled and nothing was found."""
    matched = sum(counts.matched for counts in clips)
    return 2 * matched / max(sum(counts.truth + counts.found for counts in clips), 1)
