"""backend/coach/sessions/list.py and delete.py: the list, and deletion."""

import re
from datetime import date

import pytest

from backend.coach.auth.session_auth import HOME
from pushoff.coach.deletion import pending_deletions
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
    assert "Film from the side" in visit("carla").get(HOME).text
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


def test_deletion_is_confirmed_and_hides_at_once(visit, database, add):
    """The page names what goes and what stays; after the click nobody sees the session.

    Redis is nowhere here: the nightly job finds what is hidden and does the rest.
    """
    session = add("carla", athlete="Ada")
    carla, at = visit("carla"), f"{HOME}/sessions/{session.session_id}/delete"
    asked = carla.get(at).text
    for word in (
        "Ada",
        "video",
        "labels",
        "correction",
        "Not deleted",
        "models that are already trained",
    ):
        assert word in asked
    done = carla.post(at)
    assert (done.status_code, done.headers["Location"]) == (303, f"{HOME}?deleted=1")
    assert "is deleted" in carla.get(done.headers["Location"]).text
    assert shown(carla.get(HOME).text) == []
    assert carla.get(f"{HOME}/sessions/{session.session_id}/report.json").status_code == 404
    assert carla.post(at).status_code == 404
    assert [one.session_id for one in pending_deletions(database)] == [session.session_id]


@pytest.mark.parametrize(("who", "status"), [("otto", 404), ("anna", 403), ("root", 303)])
def test_who_may_delete(visit, database, add, who, status):
    """The session's coach and admins; another coach gets 404."""
    session = add("carla")
    at = f"{HOME}/sessions/{session.session_id}/delete"
    assert visit(who).post(at).status_code == status
    assert bool(pending_deletions(database)) == (status == 303)
    if status != 303:
        assert visit(who).get(at).status_code == status
