"""The rule of promotion, branch by branch."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushoff.learning.evaluation.comparison import Comparison
from pushoff.learning.evaluation.promotion import Champion, decide
from pushoff.values import PROVEN_PUSH_OFFS, Scorecard
from tests.unit.learning.evaluation.evaluation_samples import scorecard

GATES = {"minimum_gain": 0.01, "minimum_confidence": 0.6}
VERSION = "resnet18-v1-abcdef"
FEW = {"push_offs": 5, "frames": 50, "confusion": (44, 1, 1, 4), "groups": ("ana", "bo")}
ONE_CLASS = {"push_offs": 0, "confusion": (290, 10, 0, 0)}


def champion(
    card: Scorecard | None = None, more_labels: bool = True, refusal: str = ""
) -> Champion:
    """A version with this card; `more_labels`: the candidate has more than it."""
    return Champion(VERSION, card, has_fewer_labels=more_labels, refusal=refusal)


def compared(
    gain: float = 0.0, f1_gain: float = 0.0, wins: float = 0.5, f1_wins: float = 0.5, **changes
) -> Comparison:
    """The candidate's scores above the champion's, which are 0.5 and 0.8."""
    return Comparison(
        scorecard(average_precision=0.5 + gain, f1_within_1=0.8 + f1_gain, **changes),
        scorecard(average_precision=0.5, f1_within_1=0.8, **changes),
        average_precision_wins=wins,
        f1_wins=f1_wins,
    )


PROVEN, UNPROVEN = champion(scorecard()), champion(scorecard(**FEW))


@pytest.mark.parametrize(
    ("earlier", "now", "seen_too"),
    [
        ("session", "athlete", "other videos of these athletes"),
        ("time", "session", "other frames of these videos"),
        ("athlete", "athlete", ""),
        ("athlete", "time", ""),
    ],
)
def test_the_reason_says_what_a_champion_of_an_earlier_division_was_trained_on(
    earlier, now, seen_too
):
    """It is scored anew, on what is held out now, and its scores there are optimistic."""
    other = champion(scorecard(split_by=earlier))
    decision = decide(scorecard(split_by=now), other, compared(split_by=now), **GATES)
    assert (f"{VERSION} was trained on {seen_too} as well" in decision.reason) == bool(seen_too)
    assert ("as well" in decision.reason) == bool(seen_too)


# There is no champion.


def test_a_first_version_with_proof_is_promoted():
    """Its numbers, and those of guessing, are in the reason."""
    decision = decide(scorecard(), None, None, **GATES)
    assert decision.promote and decision.proven
    assert "0.80" in decision.reason and "30 push-offs of 3 athletes held out" in decision.reason


@pytest.mark.parametrize(
    ("starter", "promote"),
    [
        (compared(gain=0.1, wins=0.9), True),
        (compared(f1_gain=0.05, f1_wins=0.9), True),
        (compared(), False),
        (compared(gain=0.1, wins=0.9, f1_gain=-0.05, f1_wins=0.3), False),
        (compared(gain=0.1, wins=0.55), False),
        (compared(push_offs=5), True),
        (None, True),
    ],
)
@pytest.mark.parametrize("other", [None, UNPROVEN])
def test_a_first_version_with_proof_must_beat_the_pose_rules(starter, promote, other):
    """They serve before it; where they know too little of the videos nothing is asked."""
    decision = decide(scorecard(), other, None, starter=starter, **GATES)
    assert decision.promote == promote
    if starter and starter.candidate.push_offs > 5:
        assert "rules" in decision.reason and "(rules 0.50)" in decision.reason


def test_a_first_version_without_proof_is_kept_only_if_the_rules_are_clearly_better():
    """More than noise; a proven champion is compared with a candidate alone."""
    worse, same = compared(gain=-0.2, wins=0.1), compared()
    assert not decide(scorecard(**FEW), None, None, starter=worse, **GATES).promote
    assert decide(scorecard(**FEW), None, None, starter=same, **GATES).promote
    better = compared(gain=0.1, wins=0.9)
    assert decide(scorecard(), PROVEN, better, starter=worse, **GATES).promote


def test_a_first_version_with_proof_must_beat_guessing():
    """Average precision of a random order, or no push-off found: not promoted."""
    for changes in ({"average_precision": 0.1}, {"f1": 0.18, "f1_within_1": 0.0}):
        decision = decide(scorecard(**changes), None, None, **GATES)
        assert not decision.promote and decision.proven


@pytest.mark.parametrize(
    "candidate",
    [
        None,
        scorecard(**FEW),
        scorecard(split_by="time"),
        scorecard(**ONE_CLASS),
        scorecard(confusion=(0, 0, 10, 290)),
    ],
    ids=["nothing held out", "few", "by time", "no push-offs", "only push-offs"],
)
def test_a_first_version_without_proof_serves_and_says_so(candidate):
    """Somebody has to, and the decision is marked as not proven."""
    decision = decide(candidate, None, None, **GATES)
    assert decision.promote and not decision.proven and "not proven" in decision.reason


def test_an_optimistic_score_is_called_provisional():
    """However many push-offs it was measured on."""
    decision = decide(scorecard(split_by="time", push_offs=200), None, None, **GATES)
    assert not decision.proven and "provisional" in decision.reason


# The champion is not proven.


@pytest.mark.parametrize(
    "current",
    [
        UNPROVEN,
        champion(None),
        champion(scorecard(split_by="time")),
        champion(scorecard(**FEW), more_labels=False),
    ],
    ids=["few", "nothing held out", "by time", "as many labels"],
)
def test_the_first_proven_version_replaces_one_that_is_not(current):
    """With or without a comparison, if it beats guessing; and the reason says so."""
    for comparison in (None, compared(wins=0.0)):
        decision = decide(scorecard(), current, comparison, **GATES)
        assert decision.promote and decision.proven and VERSION in decision.reason
    assert not decide(scorecard(average_precision=0.1), current, None, **GATES).promote


def test_more_labels_replace_without_proof_if_not_worse_by_more_than_noise():
    """30 % of the samples in average precision are enough, 29 % are not."""
    for wins, promote in ((0.3, True), (0.29, False)):
        decision = decide(scorecard(**FEW), UNPROVEN, compared(wins=wins, **FEW), **GATES)
        assert decision.promote is promote and not decision.proven
        assert ("not proven" in decision.reason) is promote


def test_no_labels_more_do_not_replace():
    """Of two versions that prove nothing the one that serves stays."""
    current = champion(scorecard(**FEW), more_labels=False)
    for comparison in (None, compared(0.2, 0.1, wins=1.0, f1_wins=1.0, **FEW)):
        assert not decide(scorecard(**FEW), current, comparison, **GATES).promote


def test_a_better_version_on_as_many_labels_replaces_where_athletes_cannot_be_held_out():
    """A project of one athlete: enough push-offs, divided by time, decide like proof."""
    provisional = scorecard(split_by="time")
    current = champion(provisional, more_labels=False)
    better = compared(0.1, wins=0.9, split_by="time")
    decision = decide(provisional, current, better, **GATES)
    assert decision.promote and not decision.proven and "provisional" in decision.reason
    assert not decide(provisional, current, compared(split_by="time"), **GATES).promote


def test_a_perfect_champion_does_not_lose_to_a_useless_candidate():
    """F1 1.0 against F1 0.0: not where they share no clip, not where they do, proven or not."""
    for size in ({}, FEW):
        useless = scorecard(**{**size, "f1": 0.0, "f1_within_1": 0.0, "average_precision": 0.9})
        perfect = scorecard(**{**size, "f1": 1.0, "f1_within_1": 1.0, "average_precision": 0.9})
        shared = Comparison(useless, perfect, average_precision_wins=0.5, f1_wins=0.0)
        for comparison in (None, shared):
            assert not decide(useless, champion(perfect), comparison, **GATES).promote


def test_without_a_common_frame_more_labels_have_to_beat_guessing():
    """On the candidate's own held-out frames."""
    assert decide(scorecard(**FEW), UNPROVEN, None, **GATES).promote
    worse = scorecard(**{**FEW, "average_precision": 0.05})
    assert not decide(worse, UNPROVEN, None, **GATES).promote


def test_nothing_held_out_replaces_only_what_held_out_nothing():
    """A version that nobody could measure does not replace one with a score."""
    assert not decide(None, UNPROVEN, None, **GATES).promote
    assert not decide(None, PROVEN, None, **GATES).promote
    assert not decide(None, champion(None, more_labels=False), None, **GATES).promote
    decision = decide(None, champion(None), None, **GATES)
    assert decision.promote and not decision.proven


# The champion is proven.


def test_a_better_candidate_is_promoted_with_its_numbers():
    """Average precision alone, or F1 alone, is enough."""
    decision = decide(scorecard(), PROVEN, compared(0.12, 0.05, wins=0.97, f1_wins=0.88), **GATES)
    assert decision.promote and decision.proven
    for number in ("0.62", "0.50", "0.85", "0.80", "97 %", "88 %", "30 push-offs of 3 athletes"):
        assert number in decision.reason
    assert decide(scorecard(), PROVEN, compared(0.1, wins=0.9), **GATES).promote
    assert decide(scorecard(), PROVEN, compared(0, 0.1, f1_wins=0.9), **GATES).promote


@pytest.mark.parametrize(
    "comparison",
    [
        compared(),
        compared(0.009, wins=0.9),
        compared(0.1, wins=0.59),
        compared(0.1, -0.01, wins=1.0, f1_wins=0.1),
        compared(-0.01, 0.1, wins=0.1, f1_wins=1.0),
        compared(-0.005, -0.005, wins=1.0, f1_wins=1.0),
        compared(0.1, wins=0.1, f1_wins=0.9),
    ],
    ids=["tie", "gain", "noise", "F1 lower", "precision lower", "both lower", "other's wins"],
)
def test_what_is_not_clearly_better_is_kept_out(comparison):
    """The gain and the share of samples have to be those of one score; neither may fall."""
    assert not decide(scorecard(), PROVEN, comparison, **GATES).promote


def test_a_small_loss_in_one_score_is_accepted():
    """By less than the gain that is asked of the other."""
    comparison = compared(0.1, -0.009, wins=0.9, f1_wins=0.4)
    assert decide(scorecard(), PROVEN, comparison, **GATES).promote


def test_a_tie_keeps_the_champion_even_without_a_gate():
    """Equal scores never replace a proven champion."""
    comparison = compared(wins=1.0, f1_wins=1.0)
    gates = {"minimum_gain": 0.0, "minimum_confidence": 0.5}
    assert not decide(scorecard(), PROVEN, comparison, **gates).promote


@pytest.mark.parametrize("shared", [0, 1, PROVEN_PUSH_OFFS - 1])
def test_too_few_push_offs_in_common_decide_nothing(shared):
    """The reason says how many there were."""
    better = compared(0.3, wins=1.0, push_offs=shared) if shared else None
    decision = decide(scorecard(), PROVEN, better, **GATES)
    assert not decision.promote and f"only {shared} push-off" in decision.reason


@pytest.mark.parametrize("candidate", [scorecard(**FEW), scorecard(split_by="time")])
def test_proof_is_replaced_by_proof_only(candidate):
    """However well the candidate did where both were compared."""
    decision = decide(candidate, PROVEN, compared(0.3, wins=1.0), **GATES)
    assert not decision.promote and not decision.proven


def test_a_champion_that_cannot_be_used_counts_as_none():
    """Also a proven one, for a candidate without proof; the reason says why."""
    broken = champion(scorecard(), more_labels=False, refusal="its SHA-256 is wrong")
    for candidate in (None, scorecard(**FEW), scorecard()):
        decision = decide(candidate, broken, None, **GATES)
        assert decision.promote
        assert VERSION in decision.reason and "its SHA-256 is wrong" in decision.reason


# What holds for every champion.


@pytest.mark.parametrize("current", [None, UNPROVEN, PROVEN])
@pytest.mark.parametrize("name", ["f1", "f1_within_1", "average_precision"])
def test_a_score_that_is_not_finite_keeps_the_champion(current, name):
    """NaN and infinity never promote, whoever's score it is."""
    for number in (math.nan, math.inf):
        assert not decide(scorecard(**{name: number}), current, None, **GATES).promote
    broken = Comparison(scorecard(), scorecard(**{name: math.nan}), 1.0, 1.0)
    assert not decide(scorecard(), PROVEN, broken, **GATES).promote
    assert not decide(scorecard(), PROVEN, compared(0.1, wins=math.nan), **GATES).promote


@pytest.mark.parametrize("current", [UNPROVEN, champion(None), PROVEN])
def test_one_class_held_out_keeps_the_champion(current):
    """Neither average precision nor F1 says anything then."""
    assert not decide(scorecard(**ONE_CLASS), current, None, **GATES).promote


def test_one_class_in_common_is_no_comparison():
    """A proven champion stays; without proof the candidate's own score counts."""
    shared = compared(0.0, wins=0.0, **ONE_CLASS)
    assert not decide(scorecard(), PROVEN, shared, **GATES).promote
    assert decide(scorecard(**FEW), UNPROVEN, shared, **GATES).promote


numbers = st.floats(0, 1) | st.sampled_from([0.5, 0.51])


@given(numbers, numbers, numbers, numbers, numbers, numbers)
def test_never_both_ways(a, b, f1_a, f1_b, wins, f1_wins):
    """Of two proven models, never both are promoted over the other on the same scores."""
    one_card = scorecard(average_precision=a, f1_within_1=f1_a)
    other = scorecard(average_precision=b, f1_within_1=f1_b)
    forth = decide(one_card, PROVEN, Comparison(one_card, other, wins, f1_wins), **GATES)
    back = decide(other, PROVEN, Comparison(other, one_card, 1 - wins, 1 - f1_wins), **GATES)
    assert not (forth.promote and back.promote)


cards = st.builds(
    lambda push_offs, p, f1, split_by: scorecard(
        push_offs=push_offs, average_precision=p, f1=f1, f1_within_1=f1, split_by=split_by
    ),
    st.integers(0, 40),
    numbers,
    numbers,
    st.sampled_from(["athlete", "session", "time"]),
)
champions = st.builds(
    champion, st.none() | cards, st.booleans(), st.sampled_from(["", "a file is missing"])
)
comparisons = st.builds(Comparison, cards, cards, numbers, numbers)


@given(st.none() | cards, st.none() | champions, st.none() | comparisons)
def test_proof_is_never_given_up_and_the_verdict_comes_first(candidate, current, comparison):
    """A usable proven champion is replaced by proof only, whatever the scores."""
    decision = decide(candidate, current, comparison, **GATES)
    assert decision.reason.startswith("promoted: " if decision.promote else "not promoted: ")
    assert decision.proven == (candidate is not None and candidate.proven)
    if current and current.scorecard and current.scorecard.proven and not current.refusal:
        assert decision.proven or not decision.promote
