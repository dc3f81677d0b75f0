"""News in a project's description and above the next frames' lines."""

import json
from datetime import UTC, datetime

import pytest

from pushoff.studio.announcement import announce, with_news
from pushoff.studio.client import LabelStudioClient
from pushoff.studio.credentials import Credentials
from tests.unit.studio.serving import Answer, Seen, serve

NOW = datetime(2026, 11, 29, 23, 5, tzinfo=UTC)


def test_news_is_the_first_line_and_replaces_earlier_news():
    """What somebody wrote into the description stays."""
    first = with_news("Sprints of our club.\nTwo cameras.", "20 labels: suggestions renewed.", NOW)
    assert first == (
        "News of 29 November, 23:05 UTC: 20 labels: suggestions renewed.\n\n"
        "Sprints of our club.\nTwo cameras."
    )
    second = with_news(first, "40 labels: nothing better yet.", NOW)
    assert second == first.replace(
        "20 labels: suggestions renewed.", "40 labels: nothing better yet."
    )


def test_a_persons_own_line_is_no_news_of_ours():
    """Whatever it begins with."""
    own = "News of the club: the hall is closed in May."
    assert own in with_news(own, "x.", NOW)


@pytest.mark.parametrize("status", [403, 400])
def test_a_label_studio_that_refuses_does_not_fail_the_refit(status, caplog):
    """The token may label, but not change the project: the suggestions are published all the
    same."""

    def answer(seen: Seen) -> Answer:
        body = json.dumps({"detail": "You do not have permission."}).encode()
        return Answer(body, status, {"Content-Type": "application/json"})

    with serve(answer) as server:
        studio = LabelStudioClient(server.url, Credentials(server.url, "0" * 40))
        announce(studio, 3, "suggestions renewed after 20 labels.")
        studio.close()
    assert "project 3" in caplog.text and "permission" in caplog.text


def test_an_empty_description_gets_the_news_alone():
    """Without empty lines before it."""
    assert with_news("", "x.", NOW) == "News of 29 November, 23:05 UTC: x."
