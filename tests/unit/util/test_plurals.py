"""A number with its noun."""

from pushoff.util.plurals import count_noun


def test_the_noun_agrees_with_the_number() -> None:
    """Only 1 has the singular."""
    counted = [count_noun(number, "push-off") for number in (0, 1, 2)]
    assert counted == ["0 push-offs", "1 push-off", "2 push-offs"]
