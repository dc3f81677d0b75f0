"""Whether a candidate becomes champion: a pure function of two scorecards. No torch here."""

import math

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
