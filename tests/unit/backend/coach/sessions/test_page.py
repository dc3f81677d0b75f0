"""backend/coach/sessions/page.py: the session page and who may see it."""

import html
import json
import re
from collections.abc import Callable
from dataclasses import replace

import httpx
import pytest

from pushoff.coach.accounts import Account
from pushoff.coach.session_files import load_analysis, save_newer_analysis
from pushoff.coach.sessions import CoachSession, State, change_session, get_session
from pushoff.services import Services
from tests.analyzed_session import create_analyzed_session

Client = Callable[[str | None], httpx.Client]
NAME = "Änne <b>Straßenüberquererin</b>"


@pytest.fixture(scope="module")
def session(services: Services, accounts: dict[str, Account]) -> CoachSession:
    return create_analyzed_session(services, accounts["carla"], NAME)


@pytest.fixture(scope="module")
def at(session: CoachSession) -> str:
    return f"/coach/sessions/{session.session_id}"


def test_the_report_needs_no_javascript(signed_in: Client, at: str) -> None:
    """Headline, reason, triple jump, feet, times and confidence are in the HTML."""
    page = signed_in("carla").get(at)
    assert page.status_code == 200
    for part in (
        "can be Hops",
        "Does it resemble a triple jump?",
        '<span class="visually-hidden">',
        "likely",
        "No distances yet. Use 'Calibrate on this frame' above.",
        "Änne &lt;b&gt;",
        "0.59",
    ):
        assert part in page.text, part
    assert "<b>Stra" not in page.text
    assert page.text.count("<figure>") == 3


def test_no_script_or_style_is_inline(signed_in: Client, at: str) -> None:
    """The content security policy forbids it."""
    page = signed_in("carla").get(at)
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert " style=" not in page.text
    assert " onclick" not in page.text
    assert page.text.count("<script") == page.text.count('<script type="module" src="/coach/')


def test_the_report_is_a_fragment_of_the_page(signed_in: Client, at: str) -> None:
    """Scripts insert what the server renders."""
    client = signed_in("carla")
    fragment = client.get(f"{at}/report").text.strip()
    assert "<html" not in fragment
    assert fragment in client.get(at).text


ROUTES = [
    ("GET", ""),
    ("GET", "/report"),
    ("GET", "/report.json"),
    ("GET", "/preview.mp4"),
    ("GET", "/thumbnail.jpg"),
    ("GET", "/frames/9.jpg"),
    ("GET", "/frames/9/whole.jpg"),
    ("POST", "/retry"),
    ("POST", "/corrections"),
    ("DELETE", "/corrections/last"),
    ("POST", "/calibration"),
    ("DELETE", "/calibration"),
]
CORRECTION = {"kind": "add", "frame": 30}


@pytest.mark.parametrize(("method", "route"), ROUTES)
def test_another_coach_gets_404(signed_in: Client, at: str, method: str, route: str) -> None:
    """On every route of the session."""
    answer = signed_in("otto").request(method, at + route, json=CORRECTION)
    assert answer.status_code == 404


@pytest.mark.parametrize(("method", "route"), ROUTES)
def test_every_route_requires_a_login(signed_in: Client, at: str, method: str, route: str) -> None:
    """Of the session."""
    answer = signed_in(None).request(method, at + route, json=CORRECTION)
    assert answer.status_code == 401


@pytest.mark.parametrize(("method", "route"), [one for one in ROUTES if one[0] != "GET"])
def test_changes_need_the_csrf_token(signed_in: Client, at: str, method: str, route: str) -> None:
    """Otherwise 403."""
    client = signed_in("carla")
    client.headers["X-CSRF-Token"] = "0" * 64
    assert client.request(method, at + route, json=CORRECTION).status_code == 403


def test_only_a_failed_session_can_be_retried(
    signed_in: Client, services: Services, session: CoachSession, at: str
) -> None:
    """Not one that is uploading, waiting or ready."""
    for state in (State.READY, State.UPLOADING):
        change_session(services.database, session.session_id, state=state)
        assert signed_in("carla").post(f"{at}/retry").status_code == 409
        assert get_session(services.database, session.session_id).state is state
    change_session(services.database, session.session_id, state=State.READY)


def test_what_a_newer_model_sees_differently_can_be_taken_over(
    signed_in: Client, services: Services, accounts: dict[str, Account]
) -> None:
    """A line and a button for each difference, until nothing differs any more."""
    session = create_analyzed_session(services, accounts["carla"])
    at, client = f"/coach/sessions/{session.session_id}", signed_in("carla")
    assert "A newer model" not in client.get(f"{at}/report").text
    analysis = load_analysis(services.storage, session.session_id)
    newer = replace(analysis, events=analysis.events[1:])
    save_newer_analysis(services.storage, session.session_id, newer)
    change_session(services.database, session.session_id, newer_version="newer")
    page = client.get(f"{at}/report").text
    assert "A newer model sees this differently: 1 difference<" in page
    [body] = re.findall(r'data-correction="([^"]+)"', page)
    correction = json.loads(html.unescape(body))
    assert correction == {"kind": "delete", "frame": analysis.events[0].frame}
    assert client.post(f"{at}/corrections", json=correction).status_code == 200
    assert "A newer model" not in client.get(f"{at}/report").text
