"""Whether a candidate becomes the champion: pure functions of held-out scores. No torch here.

A version is *proven* when PROVEN_PUSH_OFFS were held out, of athletes or videos of their own. A
proven champion is replaced only by a proven candidate that is better on what both held out. Until
there is one, the version with the most labels serves, and is called not proven. The first proven
version has to be better than the pose rules, which serve before any.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from pushoff.learning.evaluation.baseline import (
    baseline_average_precision,
    baseline_f1,
    baseline_f1_within_1,
    beats_baseline,
)
from pushoff.learning.evaluation.comparison import Comparison
from pushoff.values import PROVEN_PUSH_OFFS, PromotionDecision, Scorecard, SplitBy

MIN_UNPROVEN_WINS = 0.3
"""Share of samples, in average precision, that a candidate with more labels must win against a
champion that is not proven either: with less it is worse by more than noise."""
CLEARLY_WORSE = 0.05
"""Share of samples won, in F1, at or below which it is worse beyond doubt: the 95 % level."""
_SEEN_TOO: Mapping[tuple[SplitBy, SplitBy], str] = {
    ("session", "athlete"): "other videos of these athletes",
    ("time", "athlete"): "other frames of these athletes' videos",
    ("time", "session"): "other frames of these videos",
}
"""What a model was also trained on that was divided by the first, of what is divided by the second
now."""
_ROUNDING = 1e-12


@dataclass(frozen=True)
class Champion:
    """The version that a candidate would replace."""

    version: str
    scorecard: Scorecard | None
    """Its own, of the groups that it held out; None where it held out nothing."""
    has_fewer_labels: bool
    """It was fitted on fewer labels than the candidate."""
    refusal: str = ""
    """Why its files cannot be used any more; empty where they can."""


@dataclass(frozen=True)
class _Gate:
    minimum_gain: float
    minimum_confidence: float


def decide(
    candidate: Scorecard | None,
    champion: Champion | None,
    comparison: Comparison | None,
    *,
    starter: Comparison | None = None,
    minimum_gain: float,
    minimum_confidence: float,
) -> PromotionDecision:
    """Promote or not, with the reason and its numbers.

    `candidate` is None where nothing could be held out, `comparison` where candidate and champion
    held out no frame in common. `starter` compares it with the pose rules, which serve until there
    is a model; None where they know nothing. Ties keep a proven champion.
    """
    gate = _Gate(minimum_gain, minimum_confidence)
    note = ""
    if champion and champion.refusal:
        note = f"{champion.version} cannot be used any more ({champion.refusal.rstrip('.')}); "
        champion = None
    promote, reason = _decide(candidate, champion, comparison, starter, gate)
    verdict = "promoted" if promote else "not promoted"
    reason = f"{verdict}: {note}{reason}{_advantage(champion, comparison)}"
    return PromotionDecision(promote, reason, proven=is_proven(candidate))


def _advantage(champion: Champion | None, comparison: Comparison | None) -> str:
    """What the champion's scores gain from an earlier division that kept less apart."""
    if not (champion and champion.scorecard and comparison):
        return ""
    divisions = (champion.scorecard.split_by, comparison.candidate.split_by)
    if divisions not in _SEEN_TOO:
        return ""
    scores = comparison.champion
    return (
        f"; {champion.version} was trained on {_SEEN_TOO[divisions]} as well, and has average "
        f"precision {scores.average_precision:.2f} and F1 within one frame "
        f"{scores.f1_within_1:.2f} there"
    )


def _decide(
    candidate: Scorecard | None,
    champion: Champion | None,
    comparison: Comparison | None,
    starter: Comparison | None,
    gate: _Gate,
) -> tuple[bool, str]:
    if not (_is_finite(candidate, comparison) and _is_finite(candidate, starter)):
        return False, "a held-out score is not a finite number"
    if champion and candidate and not _has_both_classes(candidate):
        return False, f"only one class among the labels; {describe(candidate)}"
    if comparison and not _has_both_classes(comparison.candidate):
        comparison = None
    if champion is None or not is_proven(champion.scorecard):
        if candidate and is_proven(candidate):
            return _decide_first_proven(candidate, champion, starter, gate)
        if champion is None and starter and _is_clearly_worse(starter):
            return False, f"worse than the pose rules: {_scores(starter, 'rules')}"
        if champion is None:
            return True, f"first version; serving, not proven: {_doubt(candidate)}"
        return _decide_unproven(candidate, champion, comparison, gate)
    if not is_proven(candidate):
        return False, f"{champion.version} is proven, the candidate is not: {_doubt(candidate)}"
    shared = comparison.candidate.push_offs if comparison else 0
    if comparison is None or shared < PROVEN_PUSH_OFFS:
        return False, (
            f"only {_count(shared, 'push-off')} were held out by both; {PROVEN_PUSH_OFFS} are "
            f"needed to replace {champion.version}"
        )
    return _decide_better(comparison, gate)


def _decide_first_proven(
    candidate: Scorecard, champion: Champion | None, starter: Comparison | None, gate: _Gate
) -> tuple[bool, str]:
    """The first version with proof has to beat answers that do not look at the frames, and the
    rules where they know something of enough push-offs."""
    reason = (
        f"average precision {candidate.average_precision:.2f} (guessing: "
        f"{baseline_average_precision(candidate):.2f}), F1 within one frame "
        f"{candidate.f1_within_1:.2f} ({baseline_f1_within_1(candidate):.2f}), at the exact frame "
        f"{candidate.f1:.2f} ({baseline_f1(candidate):.2f}); {describe(candidate)}"
    )
    if not beats_baseline(candidate):
        return False, f"not better than guessing: {reason}"
    if starter and starter.candidate.push_offs >= PROVEN_PUSH_OFFS:
        better, scores = _decide_better(starter, gate, "rules")
        if not better:
            return False, f"not better than the pose rules: {scores}"
        reason += f"; against the rules: {scores}"
    replaced = f"; {champion.version} is not proven" if champion else ""
    return True, f"first proven version: {reason}{replaced}"


def _decide_unproven(
    candidate: Scorecard | None, champion: Champion, comparison: Comparison | None, gate: _Gate
) -> tuple[bool, str]:
    """Neither is proven: more labels are taken for better, unless the scores say otherwise."""
    if not champion.has_fewer_labels:
        if comparison and comparison.candidate.push_offs >= PROVEN_PUSH_OFFS:
            return _decide_better(comparison, gate)
        return False, f"{champion.version} was fitted on no fewer labels; {_doubt(candidate)}"
    text = f"more labels than {champion.version}; serving, not proven: {_doubt(candidate)}"
    if comparison:
        if _is_clearly_worse(comparison):
            return False, f"worse than {champion.version}: {_scores(comparison)}"
        return True, f"{text}; {_scores(comparison)}"
    if candidate is None and champion.scorecard:
        return False, f"{champion.version} has held-out scores, the candidate has none"
    if candidate and not beats_baseline(candidate):
        return False, (
            f"not better than guessing: average precision {candidate.average_precision:.2f}, F1 "
            f"within one frame {candidate.f1_within_1:.2f}; {describe(candidate)}"
        )
    return True, f"{text}; they held out nothing in common to compare"


def _is_clearly_worse(comparison: Comparison) -> bool:
    """By more than noise: what serves although nothing is proven must not be."""
    wins = comparison.average_precision_wins
    return wins < MIN_UNPROVEN_WINS or comparison.f1_wins <= CLEARLY_WORSE


def _decide_better(comparison: Comparison, gate: _Gate, name: str = "champion") -> tuple[bool, str]:
    """Neither score is lower, and one is higher by more than noise."""
    candidate, champion = comparison.candidate, comparison.champion
    results = (  # gain, share of samples won
        (
            candidate.average_precision - champion.average_precision,
            comparison.average_precision_wins,
        ),
        (candidate.f1_within_1 - champion.f1_within_1, comparison.f1_wins),
    )
    text = _scores(comparison, name)
    loss = -min(gain for gain, _ in results)
    if loss > 0 and loss >= gate.minimum_gain - _ROUNDING:
        return False, f"{text}; neither may be lower by {gate.minimum_gain:g}"
    for gain, wins in results:
        is_enough = gain > 0 and gain >= gate.minimum_gain - _ROUNDING
        if is_enough and wins >= gate.minimum_confidence:
            return True, text
    return False, (
        f"{text}; one must be higher by {gate.minimum_gain:g}, and in "
        f"{100 * gate.minimum_confidence:.0f} % of the samples"
    )


def describe(card: Scorecard, held_out: str = "held out") -> str:
    """`41 push-offs of 9 athletes held out`, and what makes the scores worth less than that."""
    groups = _count(len(card.groups), "athlete" if card.split_by == "athlete" else "video")
    text = f"{_count(card.push_offs, 'push-off')} of {groups} {held_out}"
    if card.footage != "real":
        text += f", {card.footage} footage"
    if not card.independent:
        text += ", provisional: the model was also trained on these videos"
    return text


def _scores(comparison: Comparison, name: str = "champion") -> str:
    """Of both; `name` is that of the other one."""
    candidate, champion = comparison.candidate, comparison.champion
    return (
        f"average precision {candidate.average_precision:.2f} ({name} "
        f"{champion.average_precision:.2f}), F1 within one frame {candidate.f1_within_1:.2f} "
        f"({champion.f1_within_1:.2f}), better in {100 * comparison.average_precision_wins:.0f} % "
        f"and {100 * comparison.f1_wins:.0f} % of bootstrap samples; "
        f"{describe(candidate, 'held out by both')}"
    )


def _doubt(card: Scorecard | None) -> str:
    """Why a version is not proven."""
    if card is None:
        return "nothing could be held out"
    if not _has_both_classes(card):
        return f"only one class among the labels; {describe(card)}"
    if card.push_offs < PROVEN_PUSH_OFFS:
        return f"{describe(card)}, {PROVEN_PUSH_OFFS} push-offs are needed"
    return describe(card)


def _count(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def is_proven(card: Scorecard | None) -> bool:
    """Whether enough was held out of both classes for the scores to count as proof."""
    return card is not None and card.proven and _has_both_classes(card)


def _has_both_classes(card: Scorecard) -> bool:
    true_negatives, false_positives, false_negatives, true_positives = card.confusion
    return bool(true_negatives + false_positives and false_negatives + true_positives)


def _is_finite(candidate: Scorecard | None, comparison: Comparison | None) -> bool:
    cards = [candidate, *((comparison.candidate, comparison.champion) if comparison else ())]
    scores = [
        number
        for card in cards
        if card
        for number in (card.f1, card.f1_within_1, card.average_precision)
    ]
    if comparison:
        scores += [comparison.average_precision_wins, comparison.f1_wins]
    return all(math.isfinite(number) for number in scores)
