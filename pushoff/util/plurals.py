"""A number with its noun."""


def count_noun(number: int, noun: str) -> str:
    """`1 video`, `2 videos`; for a noun whose plural ends in s."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
