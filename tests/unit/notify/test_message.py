"""pushoff/notify/message.py: one sentence and a link."""

import pytest

from pushoff.notify.message import Kind, compose

SUBJECTS = {
    Kind.SESSION_READY: "0123456789abcdef",
    Kind.SESSION_FAILED: "0123456789abcdef",
    Kind.NIGHT_FAILED: "2026-11-30",
    Kind.MODEL_PROMOTED: "v12",
}


@pytest.mark.parametrize("kind", Kind)
def test_a_message_is_one_sentence_and_a_link(kind):
    """For every kind; the link leads to the coach's page."""
    message = compose(kind, SUBJECTS[kind], "key", "https://coach.example.org/")
    assert message.sentence.endswith(".") and ". " not in message.sentence
    assert message.link.startswith("https://coach.example.org/coach/")
    assert "{" not in message.title + message.sentence


def test_a_session_is_linked_by_its_id():
    """Which is random: it says nothing of the athlete."""
    message = compose(Kind.SESSION_READY, "0123456789abcdef", "key", "http://x")
    assert message.link == "http://x/coach/sessions/0123456789abcdef"
    assert "0123" not in message.sentence
