"""Deleting a session."""

import re

import pytest

from backend.coach.auth.session_auth import HOME
from pushoff.coach.deletion import pending_deletions


def shown(text: str) -> list[str]:
    """The athletes listed."""
    return re.findall(r"<strong>([^<]*)</strong>", text)


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
    assert "has been deleted" in carla.get(done.headers["Location"]).text
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
