"""backend/coach/sessions/list.py: the list, its search and pages."""

import re
from datetime import date

import pytest

from backend.coach.auth.session_auth import HOME
from pushoff.coach.session_queries import PAGE_SIZE
from pushoff.coach.sessions import (
    State,
    change_session,
)
from pushoff.values import Exercise


def shown(text: str) -> list[str]:
    """The athletes listed."""
    return re.findall(r"<strong>([^<]*)</strong>", text)


def test_an_empty_list_says_what_to_do(visit):
    """To coaches and to annotators."""
    assert "Record from the side" in visit("carla").get(HOME).text
    assert "Coaches upload them" in visit("anna").get(HOME).text
    assert f"{HOME}/upload" not in visit("anna").get(HOME).text


def test_the_list_works_without_the_job_queue(visit, database, add):
    """Redis is not available here."""
    session = add("carla", athlete="Ada")
    change_session(database, session.session_id, state=State.ANALYZING)
    answer = visit("carla").get(HOME)
    assert answer.status_code == 200
    assert shown(answer.text) == ["Ada"]
    assert "data-in-progress" in answer.text


def test_a_list_without_progress_is_not_refreshed(visit, database, add):
    """No script and no refresh."""
    session = add("carla")
    change_session(database, session.session_id, state=State.FAILED, reason="Too dark.")
    text = visit("carla").get(HOME).text
    assert "session_list.js" not in text
    assert "refresh" not in text
    assert "Too dark." in text


def test_search_filters_the_list(visit, add):
    """Umlauts in either case; a link shows all sessions."""
    add("carla", athlete="Änne Größler")
    add("carla", athlete="Bea", exercise=Exercise.TRIPLE)
    carla = visit("carla")
    found = carla.get(HOME, params={"q": "GRÖSSLER änne"}).text
    assert shown(found) == ["Änne Größler"]
    assert "1 session found" in found
    assert 'value="GRÖSSLER änne"' in found
    assert shown(carla.get(HOME, params={"exercise": "triple"}).text) == ["Bea"]
    nothing = carla.get(HOME, params={"q": "zoe"}).text
    assert "No session matches" in nothing
    assert f'href="{HOME}">Show all' in nothing


def test_pages_link_to_each_other_and_keep_the_search(visit, add):
    """With rel=next and rel=prev."""
    for number in range(PAGE_SIZE + 2):
        add("carla", athlete=f"Ada {number}", filmed_on=date(2026, 1, 1 + number % 28))
    carla = visit("carla")
    first = carla.get(HOME, params={"q": "ada"}).text
    assert f"1 to {PAGE_SIZE} of {PAGE_SIZE + 2} sessions found" in first
    [older] = set(re.findall(r'rel="next" href="([^"]*)"', first))
    assert 'rel="prev"' not in first
    second = carla.get(older.replace("&amp;", "&")).text
    assert f"{PAGE_SIZE + 1} to {PAGE_SIZE + 2} of" in second
    assert len(shown(first) + shown(second)) == PAGE_SIZE + 2
    [newer] = set(re.findall(r'rel="prev" href="([^"]*)"', second))
    assert shown(carla.get(newer.replace("&amp;", "&")).text) == shown(first)
    far = carla.get(HOME, params={"page_number": "999"}).text
    assert len(shown(far)) == 2


@pytest.mark.parametrize(
    "params",
    [{"page_number": "-1"}, {"page_number": "²"}, {"page_number": "x"}, {"exercise": "dance"},
     {"state": "'"}, {"q": "%"}, {"q": "x" * 5000}, {"page_number": "9" * 400}],
)  # fmt: skip
def test_invalid_parameters_are_ignored(visit, params):
    """The list is shown."""
    assert visit("carla").get(HOME, params=params).status_code == 200
