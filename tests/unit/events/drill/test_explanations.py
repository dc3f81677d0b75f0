"""Sentences about a sequence of push-offs."""

import pytest

from pushoff.events.drill.explanations import (
    broken_reason,
    correction_reason,
    foot_letters,
    is_rotated,
    isolated_reason,
    join_or,
    push_off_count,
    request_reason,
)
from pushoff.events.values import Foot

FEET = {"L": Foot.LEFT, "R": Foot.RIGHT, "?": None}


def feet(text: str) -> list[Foot | None]:
    return [FEET[letter] for letter in text]


def test_lists_and_counts_are_written_as_in_english():
    """Commas, one `or`, and a plural."""
    assert [join_or(list("ABC"[:count])) for count in (1, 2, 3)] == ["A", "A or B", "A, B or C"]
    assert [push_off_count(count) for count in (0, 1, 2)] == [
        "0 push-offs", "1 push-off", "2 push-offs",
    ]  # fmt: skip
    assert foot_letters(feet("LR?")) == "L,R,?"


@pytest.mark.parametrize(
    ("text", "rotated"),
    [
        ("LLR", False),
        ("RRL", False),
        ("LLRLLR", True),
        ("LRR", True),
        ("RLLRLL", True),
        ("LR", False),
        ("LLLL", False),
        ("LL?LLR", False),
    ],
)
def test_a_part_of_a_repeated_triple(text, rotated):
    """L,L,R alone is a triple jump; any other part of L,L,R,L,L,R is a repeated one."""
    assert is_rotated(feet(text)) is rotated


def test_corrections_are_told_by_the_number_on_the_page():
    """Push-offs are counted from one; the sentence begins with a capital letter."""
    text = correction_reason([(1, Foot.LEFT, Foot.RIGHT), (2, None, Foot.LEFT)], 3, Foot.RIGHT)
    assert text.startswith("Push-off 2 was changed to right")
    assert "push-off 3 was changed to left to fit the sequence (detected: unknown)" in text
    assert "missed after push-off 3" in text
    assert correction_reason([], None, None) == ""


def test_gaps_name_their_push_offs():
    """By number; without any isolated push-off there is nothing to say."""
    assert "after push-offs 1 and 3," in broken_reason([0, 2])
    assert "around push-off 2 " in isolated_reason([1]) and isolated_reason([]) == ""


@pytest.mark.parametrize(
    ("fits", "part"), [(True, "It matches"), (False, "does not match"), (None, "Too little")]
)
def test_a_request_is_answered(fits, part):
    """Yes, no, or that it cannot be told; the exercise is named."""
    assert part in request_reason("Hops", fits) and "Hops" in request_reason("Hops", fits)
