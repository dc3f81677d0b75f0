"""The rule that promotes event models, branch by branch."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushoff.learning.evaluation.promotion import ClipCounts, EventChampion, decide_event_model

VERSION = "resnet18-v1-abcdef"
CANDIDATE = [ClipCounts("a.mp4", truth=4, found=4, matched=3)]


def champion(matched: int, clip: str = "a.mp4") -> EventChampion:
    """A champion that found `matched` of four push-offs in four guesses."""
    return EventChampion(VERSION, [ClipCounts(clip, truth=4, found=4, matched=matched)])


def test_the_first_event_model_is_promoted():
    """With or without a held-out score there is nothing to compare it with."""
    for candidate in (CANDIDATE, None):
        assert decide_event_model(candidate, None).promote


def test_a_candidate_without_a_held_out_score_is_kept():
    """Clips of one athlete are no comparison, whatever state the champion is in."""
    for current in (champion(0), EventChampion(VERSION, [], refusal="the SHA-256 is wrong")):
        assert not decide_event_model(None, current).promote


def test_an_unusable_champion_is_replaced():
    """Its files cannot be loaded, so any scored candidate is better, and the reason says why."""
    decision = decide_event_model(
        CANDIDATE, EventChampion(VERSION, [], refusal="the SHA-256 is wrong")
    )
    assert decision.promote
    assert VERSION in decision.reason and "the SHA-256 is wrong" in decision.reason


@pytest.mark.parametrize("clips", [(), (ClipCounts("b.mp4", 4, 4, 4),)])
def test_a_champion_without_a_shared_clip_is_replaced(clips):
    """A champion that held nothing out, or other clips only, cannot be compared."""
    decision = decide_event_model(CANDIDATE, EventChampion(VERSION, clips))
    assert decision.promote and VERSION in decision.reason


@pytest.mark.parametrize(("matched", "promote"), [(2, True), (3, True), (4, False)])
def test_a_candidate_that_is_not_worse_is_promoted(matched, promote):
    """Better and equal F1 on the shared clips promote, lower F1 keeps; both scores are named."""
    decision = decide_event_model(CANDIDATE, champion(matched))
    assert decision.promote is promote
    assert f"{3 / 4:.3f}" in decision.reason and f"{matched / 4:.3f}" in decision.reason


def test_only_shared_clips_are_compared():
    """What either model found in a clip of its own does not count."""
    mine = [*CANDIDATE, ClipCounts("mine.mp4", 10, 10, 0)]
    theirs = EventChampion(VERSION, [*champion(2).clips, ClipCounts("theirs.mp4", 10, 10, 10)])
    assert decide_event_model(mine, theirs).promote


def test_clips_without_push_offs_are_a_tie():
    """Nothing labelled and nothing found on either side: the candidate is not worse."""
    empty = ClipCounts("a.mp4", 0, 0, 0)
    assert decide_event_model([empty], EventChampion(VERSION, [empty])).promote


counts = st.integers(1, 20).flatmap(
    lambda truth: st.builds(
        ClipCounts,
        st.sampled_from(["a.mp4", "b.mp4", "c.mp4"]),
        st.just(truth),
        st.integers(truth, 40),
        st.integers(0, truth),
    )
)


@given(st.lists(counts, max_size=4), st.lists(counts, max_size=4))
def test_the_reason_begins_with_what_was_decided(mine, theirs):
    """Like the rule for frame models, so that one page can show both."""
    decision = decide_event_model(mine, EventChampion(VERSION, theirs))
    assert decision.reason.startswith("promoted: " if decision.promote else "not promoted: ")
