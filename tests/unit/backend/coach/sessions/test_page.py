"""A session's page as the server writes it, and who may see it."""

import io
from collections.abc import Callable

import httpx
import pytest
from PIL import Image

from pushoff.coach.accounts import Account
from pushoff.coach.sessions import CoachSession, State, change_session, get_session
from pushoff.services import Services
from tests.read_session import drill, read_session

Client = Callable[[str | None], httpx.Client]
NAME = "Änne <b>Straßenüberquererin</b>"


@pytest.fixture(scope="module")
def session(services: Services, accounts: dict[str, Account]) -> CoachSession:
    return read_session(services, accounts["carla"], NAME)


@pytest.fixture(scope="module")
def at(session: CoachSession) -> str:
    return f"/coach/sessions/{session.session_id}"


def test_the_page_reads_without_a_script(signed_in: Client, at: str) -> None:
    """Headline, why, triple jump, feet, times and confidence stand in the HTML itself."""
    page = signed_in("carla").get(at)
    assert page.status_code == 200
    for part in (
        "can be Hops",
        "Does it resemble a triple jump?",
        '<span class="visually-hidden">',
        "likely",
        "No distances yet: calibrate on a frame.",
        "Änne &lt;b&gt;",
        "0.59",
    ):
        assert part in page.text, part
    assert "<b>Stra" not in page.text
    assert page.text.count("<figure>") == 3


def test_no_script_or_style_is_inline(signed_in: Client, at: str) -> None:
    """The policy forbids inline code, and the page has none."""
    page = signed_in("carla").get(at)
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert " style=" not in page.text
    assert " onclick" not in page.text
    assert page.text.count("<script") == page.text.count('<script type="module" src="/coach/')


def test_the_answer_is_a_fragment_of_the_page(signed_in: Client, at: str) -> None:
    """The script puts in exactly what the server would have written."""
    client = signed_in("carla")
    fragment = client.get(f"{at}/report").text.strip()
    assert "<html" not in fragment
    assert fragment in client.get(at).text


def test_a_picture_shows_the_athlete_of_its_frame(signed_in: Client, at: str) -> None:
    """A strip's picture is a small JPEG that only this person's browser may keep."""
    picture = signed_in("carla").get(f"{at}/frames/{drill().truth.push_off_frames[0]}.jpg")
    assert picture.headers["content-type"] == "image/jpeg"
    assert picture.headers["cache-control"].startswith("private")
    assert Image.open(io.BytesIO(picture.content)).size == (200, 200)


def test_a_whole_frame_is_as_large_as_the_preview(signed_in: Client, at: str) -> None:
    """What is calibrated on shows all of the video's picture."""
    picture = signed_in("carla").get(f"{at}/frames/0/whole.jpg")
    assert Image.open(io.BytesIO(picture.content)).size == (480, 270)


@pytest.mark.parametrize("frame", ["999999", "-1", "x", "1e3", "99999999999999999999", "..%2f1"])
@pytest.mark.parametrize("tail", [".jpg", "/whole.jpg"])
def test_a_frame_outside_the_video_is_not_there(
    signed_in: Client, at: str, frame: str, tail: str
) -> None:
    """No number and no path gets anything but the video's own frames."""
    assert signed_in("carla").get(f"{at}/frames/{frame}{tail}").status_code == 404


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
def test_another_coach_finds_nothing(signed_in: Client, at: str, method: str, route: str) -> None:
    """To another coach the session is not there, whatever is asked for."""
    answer = signed_in("otto").request(method, at + route, json=CORRECTION)
    assert answer.status_code == 404


@pytest.mark.parametrize(("method", "route"), ROUTES)
def test_a_stranger_signs_in_first(signed_in: Client, at: str, method: str, route: str) -> None:
    """Without a sign-in no route says anything."""
    answer = signed_in(None).request(method, at + route, json=CORRECTION)
    assert answer.status_code == 401


@pytest.mark.parametrize(("method", "route"), [one for one in ROUTES if one[0] != "GET"])
def test_a_change_needs_the_pages_token(
    signed_in: Client, at: str, method: str, route: str
) -> None:
    """A change without the page's own token is refused."""
    client = signed_in("carla")
    client.headers["X-CSRF-Token"] = "0" * 64
    assert client.request(method, at + route, json=CORRECTION).status_code == 403


def test_only_a_failed_session_is_tried_again(
    signed_in: Client, services: Services, session: CoachSession, at: str
) -> None:
    """A video on its way, or read already, is not taken for one that could not be read."""
    for state in (State.READY, State.UPLOADING):
        change_session(services.database, session.session_id, state=state)
        assert signed_in("carla").post(f"{at}/retry").status_code == 409
        assert get_session(services.database, session.session_id).state is state
    change_session(services.database, session.session_id, state=State.READY)
