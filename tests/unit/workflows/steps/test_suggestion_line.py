"""The line under a frame."""

from pushoff.values import Label
from pushoff.workflows.steps.suggestion_line import ACCEPT, suggestion_line


def test_a_suggestion_comes_with_its_probability_and_the_key_that_accepts():
    """The label that is preselected, how probable it is, why the frame comes, what to press."""
    assert (
        suggestion_line(Label.NOT_PUSH_OFF, 0.834, "Picked at random.")
        == "not_push_off 0.83 - Picked at random. Ctrl+Enter accepts."
    )


def test_rules_are_named():
    """Nobody takes them for a model."""
    line = suggestion_line(Label.PUSH_OFF, 0.58, "Picked at random.", by_rules=True)
    assert line == "push_off 0.58 by fixed rules - Picked at random. Ctrl+Enter accepts."


def test_a_suggestion_without_a_reason_is_a_sentence_too():
    """Of a task that has no place in the queue yet."""
    assert suggestion_line(Label.PUSH_OFF, 0.834) == "push_off 0.83. Ctrl+Enter accepts."


def test_without_a_suggestion_there_is_nothing_to_accept():
    """The reason alone."""
    assert suggestion_line(None, None, "Picked at random.") == "Picked at random."
    assert ACCEPT not in suggestion_line(Label.PUSH_OFF, None, "Picked at random.")
