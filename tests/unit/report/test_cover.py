"""What heads the report of a coach's session."""

from datetime import date

from pushoff.report.cover import Cover


def test_a_cover_names_athlete_exercise_and_day():
    """In one line, in the words of the page."""
    assert Cover("Anna", date(2026, 11, 20), "Hops").text == "Anna · Hops · 2026-11-20"
