"""News in a project's description."""

from datetime import UTC, datetime

from pushoff.studio.announcement import with_news

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


def test_an_empty_description_gets_the_news_alone():
    """Without empty lines before it."""
    assert with_news("", "x.", NOW) == "News of 29 November, 23:05 UTC: x."
