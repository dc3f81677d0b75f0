"""backend/coach/api/sessions.py: sessions, push-offs and reports for scripts."""

from datetime import date

import httpx
import pytest

from backend.coach.auth.session_auth import COOKIE, HOME
from pushoff.coach.api_tokens import Scope, create_token
from pushoff.coach.corrections import Correction, record_correction
from pushoff.coach.session_queries import PAGE_SIZE
from pushoff.coach.sessions import SessionDetails, create_session
from pushoff.values import Exercise
from tests.coach_sessions import KeptRig
from tests.unit.backend.test_app import routes

PATH = f"{HOME}/api/sessions"


def reader(kept: KeptRig, name: str = "carla") -> httpx.Client:
    """The client with a token that reads, and without a cookie."""
    _, token = create_token(kept.services.database, kept.accounts[name], "test", {Scope.READ}, 30)
    kept.client.cookies.clear()
    kept.client.headers["Authorization"] = f"Bearer {token}"
    return kept.client


@pytest.fixture(autouse=True)
def _without_token(kept):
    yield
    kept.client.headers.pop("Authorization", None)
    assert COOKIE not in kept.client.cookies


def waiting(kept: KeptRig, athlete: str) -> str:
    details = SessionDetails(
        athlete, Exercise.HOPS, date(2026, 11, 1), None, f"{athlete}.mp4", 1000
    )
    database, owner = kept.services.database, kept.accounts["otto"]
    return create_session(database, owner, details, consent=True).session_id


def test_a_script_reads_a_session(kept):
    """What the coach entered and what was found, by the id of the list."""
    session = kept.session(athlete="Ada")
    client = reader(kept)
    listed = client.get(PATH, params={"q": "ada"}).json()
    assert listed["count"] == 1 and listed["next"] is None
    assert listed["sessions"] == [client.get(f"{PATH}/{session.session_id}").json()]
    assert (
        listed["sessions"][0].items()
        >= {
            "id": session.session_id,
            "athlete": "Ada",
            "exercise": "triple",
            "filmed_on": "2026-11-20",
            "state": "ready",
            "push_offs": 3,
            "calibrated": False,
        }.items()
    )


def test_push_offs_are_those_after_corrections(kept):
    """Frames, times and feet as on the page."""
    session = kept.session()
    client = reader(kept)
    before = client.get(f"{PATH}/{session.session_id}/push-offs").json()
    assert [one["frame"] for one in before["push_offs"]] == [60, 120, 190]
    assert before["push_offs"][0]["time_s"] == 0.25
    assert before["capture_fps"] == 240
    correction = Correction("delete", 120)
    record_correction(
        kept.services.database, session.session_id, kept.accounts["carla"], correction
    )
    after = client.get(f"{PATH}/{session.session_id}/push-offs").json()
    assert [one["frame"] for one in after["push_offs"]] == [60, 190]


def test_the_report_is_the_one_that_can_be_downloaded(kept):
    """Key by key, none dropped by the response model."""
    session = kept.session()
    client = reader(kept)
    report = client.get(f"{PATH}/{session.session_id}/report").json()
    download = client.get(f"{HOME}/sessions/{session.session_id}/download/report.json").json()
    assert report == download


def test_a_coach_reads_own_sessions_only(kept):
    """Another's is not found, with every route."""
    session = kept.session("otto")
    client = reader(kept)
    for rest in ("", "/push-offs", "/report"):
        answer = client.get(f"{PATH}/{session.session_id}{rest}")
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "no_such_session")
    assert session.session_id not in client.get(PATH).text


def test_a_session_without_a_report_says_so(kept):
    """Its state, and 422 where there is nothing to report yet."""
    session_id = waiting(kept, "Bea")
    client = reader(kept, "otto")
    assert client.get(f"{PATH}/{session_id}").json()["state"] == "uploading"
    answer = client.get(f"{PATH}/{session_id}/report")
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "not_analyzed")


def test_filters_and_pages(kept):
    """`next` leads through all sessions, with the same filter."""
    ids = {waiting(kept, "Zoe") for _ in range(PAGE_SIZE + 1)}
    client = reader(kept, "otto")
    first = client.get(PATH, params={"q": "zoe", "state": "uploading", "exercise": "hops"}).json()
    second = client.get(first["next"]).json()
    assert first["count"] == second["count"] == PAGE_SIZE + 1
    assert {one["id"] for page in (first, second) for one in page["sessions"]} == ids
    assert second["next"] is None
    assert client.get(PATH, params={"q": "zoe", "exercise": "triple"}).json()["count"] == 0


@pytest.mark.parametrize("query", ["exercise=x", "state=x", "page=-1", "page=x", f"page={10**9}"])
def test_an_invalid_filter_is_refused_by_name(kept, query):
    """Unlike on the page, a script is told."""
    answer = reader(kept).get(f"{PATH}?{query}")
    assert answer.status_code == 422
    assert answer.json()["error"]["message"].startswith(query.partition("=")[0])


def test_changes_are_not_made_here(kept):
    """The routes of this module read only."""
    own = [route for route in routes(kept.client.app) if route.path.startswith(PATH)]
    assert {method for route in own for method in route.methods} == {"GET"}
