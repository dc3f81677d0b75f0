"""The list of sessions: search, filters and pages."""

from datetime import date, timedelta

import pytest

from pushoff.coach.session_queries import (
    PAGE_SIZE,
    SessionFilter,
    list_sessions,
)
from pushoff.coach.sessions import (
    State,
    change_session,
)
from pushoff.values import Exercise


def names(database, viewer, **wanted):
    found, count = list_sessions(database, viewer, SessionFilter(**wanted))
    assert count >= len(found)
    return [one.details.athlete for one in found]


@pytest.mark.parametrize(
    ("athlete", "filename", "text"),
    [
        ("Änne Müller", "a.mp4", "änne"),
        ("Änne Müller", "a.mp4", "ÄNNE MÜLLER"),
        ("Änne Müller", "a.mp4", "müller änne"),
        ("Änne Müller", "a.mp4", "anne"),
        ("Großmann", "a.mp4", "GROSSMANN"),
        ("Łukasz Ólafsson", "a.mp4", "ólaf"),
        ("İpek", "a.mp4", "ipek"),
        ("Ada", "GX010123_Weitsprung.MP4", "weitSPRUNG"),
        ("100% Ada_", "a.mp4", "0%"),
        ("100% Ada_", "a.mp4", "a_"),
    ],
)
def test_search_ignores_case_and_accents(database, people, add, athlete, filename, text):
    """Characters with a meaning in SQL patterns match themselves."""
    add(athlete=athlete, filename=filename)
    add(athlete="Zoe", filename="zzz.mov")
    assert names(database, people["carla"], text=text) == [athlete]


@pytest.mark.parametrize("text", ["%", "_", "\\", "x' or '1'='1"])
def test_sql_pattern_characters_match_themselves(database, people, add, text):
    """A percent sign is a percent sign."""
    add()
    assert names(database, people["carla"], text=text) == []


def test_a_changed_name_replaces_the_search_text(database, people, add):
    """The old name finds nothing."""
    session = add(athlete="Änne")
    change_session(database, session.session_id, athlete="Björn")
    assert names(database, people["carla"], text="BJÖRN hops") == ["Björn"]
    assert names(database, people["carla"], text="änne") == []


def test_filters_are_combined(database, people, add):
    """Exercise, state and words must all match."""
    add(athlete="Ada", exercise=Exercise.HOPS)
    other = add(athlete="Ada", exercise=Exercise.TRIPLE)
    change_session(database, other.session_id, state=State.FAILED, reason="too dark")
    carla = people["carla"]
    assert len(names(database, carla, text="ada")) == 2
    assert len(names(database, carla, exercise=Exercise.TRIPLE)) == 1
    assert names(database, carla, exercise=Exercise.HOPS, state=State.FAILED) == []
    assert len(names(database, carla, state=State.FAILED, text="ada")) == 1


def test_pages_hold_every_session_once_newest_first(database, people, add):
    """The count covers all pages."""
    days = [date(2026, 1, 1) + timedelta(days=number // 2) for number in range(PAGE_SIZE + 3)]
    made = [add(athlete=f"A{number}", filmed_on=day).session_id for number, day in enumerate(days)]
    pages = [
        list_sessions(database, people["carla"], SessionFilter(page=number)) for number in range(3)
    ]
    assert [len(page) for page, _ in pages] == [PAGE_SIZE, 3, 0]
    assert {count for _, count in pages} == {PAGE_SIZE + 3}
    shown = [one for page, _ in pages for one in page]
    assert sorted(one.session_id for one in shown) == sorted(made)
    filmed = [one.details.filmed_on for one in shown]
    assert filmed == sorted(filmed, reverse=True)
