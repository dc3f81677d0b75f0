"""The champions that a rollback returns to, by the history."""

from hypothesis import given
from hypothesis import strategies as st

from pushoff.learning.registry.champions import HistoryEntry, champion_stack


def entry(kind: str, version: str, previous: str | None = None) -> HistoryEntry:
    return HistoryEntry("2026-11-29T10:00:00+00:00", kind, version, previous, "why")


@given(st.lists(st.sampled_from("abcd"), min_size=1, max_size=8))
def test_promotions_are_stacked(versions):
    """After promotions alone every earlier champion can be returned to."""
    history = [entry("promote", version) for version in versions]
    assert champion_stack(history, versions[-1]) == versions


def test_a_rollback_takes_the_latest_promotion_back():
    """After a, b, rollback and c, the champion before c is a."""
    history = [entry("promote", "a"), entry("promote", "b"), entry("rollback", "a", "b")]
    assert champion_stack(history, "a") == ["a"]
    assert champion_stack([*history, entry("promote", "c")], "c") == ["a", "c"]


def test_an_entry_without_a_change_is_ignored():
    """A process was killed after the entry for b and before b became the champion."""
    history = [entry("promote", "a"), entry("promote", "b")]
    assert champion_stack(history, "a") == ["a"]


def test_an_unknown_champion_has_no_predecessor():
    """A champion that the history does not lead to stands alone."""
    assert champion_stack([entry("promote", "a")], "z") == ["z"]
    assert champion_stack([], "z") == ["z"]
