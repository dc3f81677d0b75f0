"""backend/coach/sessions/corrections.py: corrections over HTTP."""

from collections.abc import Callable

import httpx
import pytest

from pushoff.coach.accounts import Account
from pushoff.coach.sessions import CoachSession, get_session
from pushoff.services import Services
from tests.analyzed_session import UNSEEN, create_analyzed_session, drill

Client = Callable[[str | None], httpx.Client]


@pytest.fixture
def session(services: Services, accounts: dict[str, Account]) -> CoachSession:
    return create_analyzed_session(services, accounts["carla"])


@pytest.fixture
def at(session: CoachSession) -> str:
    return f"/coach/sessions/{session.session_id}"


def push_offs(answer: httpx.Response) -> list[tuple[int, str]]:
    """(frame, foot) of the report in an answer."""
    assert answer.status_code == 200, answer.text
    return [(one["frame"], one["foot"]) for one in answer.json()["report"]["push_offs"]]


def first() -> int:
    return drill().truth.push_off_frames[0]


@pytest.mark.parametrize("who", ["carla", "anna", "root"])
def test_corrections_change_the_report_and_can_be_undone(
    signed_in: Client, at: str, who: str
) -> None:
    """Add, move, foot and delete; after all undos the report is the first one."""
    client = signed_in(who)
    began = push_offs(client.get(f"{at}/report.json"))
    frame, foot = began[0]
    other = "right" if foot == "left" else "left"
    bodies = [
        {"kind": "add", "frame": frame - 14, "foot": other},
        {"kind": "move", "frame": frame, "to_frame": frame + 2},
        {"kind": "foot", "frame": frame + 2, "foot": other},
        {"kind": "delete", "frame": frame - 14},
    ]
    seen = [push_offs(client.post(f"{at}/corrections", json=body)) for body in bodies]
    assert (frame - 14) in dict(seen[0])
    assert dict(seen[1]).keys() >= {frame - 14, frame + 2}
    assert seen[3] != began
    assert [f for f, _ in seen[3]] == [frame + 2, *[f for f, _ in began[1:]]]
    back = [push_offs(client.delete(f"{at}/corrections/last")) for _ in bodies]
    assert back == [*reversed(seen[:3]), began]
    assert client.delete(f"{at}/corrections/last").status_code == 409


def test_a_corrected_foot_stays(signed_in: Client, at: str) -> None:
    """Whatever the drill."""
    client = signed_in("carla")
    for frame, foot in push_offs(client.get(f"{at}/report.json")):
        other = "right" if foot == "left" else "left"
        answer = client.post(
            f"{at}/corrections", json={"kind": "foot", "frame": frame, "foot": other}
        )
        assert dict(push_offs(answer))[frame] == other


def test_corrections_update_the_list_and_the_log(
    signed_in: Client, services: Services, session: CoachSession, at: str
) -> None:
    """The number of push-offs, and who changed what."""
    signed_in("anna").post(f"{at}/corrections", json={"kind": "delete", "frame": first()})
    row = get_session(services.database, session.session_id)
    assert row.push_offs == 2
    assert row.headline != session.headline
    answer = signed_in("carla").get(f"{at}/report").text
    assert f"<bdi>anna</bdi> deleted the push-off in frame {first()}" in answer
    signed_in("carla").delete(f"{at}/corrections/last")
    assert "(undone)" in signed_in("carla").get(f"{at}/report").text


def test_a_session_whose_push_offs_were_all_deleted(signed_in: Client, at: str) -> None:
    """The page says that they were deleted by hand."""
    client = signed_in("carla")
    for frame in drill().truth.push_off_frames:
        client.post(f"{at}/corrections", json={"kind": "delete", "frame": frame})
    page = client.get(at)
    assert page.status_code == 200
    assert "Every push-off was deleted by hand." in page.text


REFUSED = [
    ({"kind": "add", "frame": -1}, "frame_outside_video"),
    ({"kind": "add", "frame": 10**6}, "frame_outside_video"),
    ({"kind": "add", "frame": UNSEEN - 1}, "athlete_not_in_view"),
    ({"kind": "move", "frame": "first", "to_frame": UNSEEN - 1}, "athlete_not_in_view"),
    ({"kind": "add", "frame": "first"}, "duplicate_push_off"),
    ({"kind": "move", "frame": "first", "to_frame": "second"}, "duplicate_push_off"),
    ({"kind": "delete", "frame": 7}, "no_such_push_off"),
    ({"kind": "foot", "frame": "first"}, "invalid_correction"),
    ({"kind": "foot", "frame": "first", "foot": "third"}, "invalid_value"),
    ({"kind": "foot", "frame": "first", "foot": ["left"]}, "invalid_value"),
    ({"kind": "move", "frame": "first"}, "invalid_correction"),
    ({"kind": "explode", "frame": 7}, "invalid_value"),
    ({"kind": "add", "frame": 7.0}, "invalid_value"),
    ({"kind": "add", "frame": True}, "invalid_value"),
    ({"kind": "add"}, "invalid_value"),
    ({"kind": "add", "frame": 30, "by": "root"}, "invalid_value"),
]


@pytest.mark.parametrize(("body", "code"), REFUSED)
def test_an_invalid_correction_is_refused(
    signed_in: Client, at: str, body: dict[str, object], code: str
) -> None:
    """With a code; nothing is recorded."""
    ups = drill().truth.push_off_frames
    names = {"first": ups[0], "second": ups[1]}
    given = {key: names.get(str(value), value) for key, value in body.items()}
    client = signed_in("carla")
    before = client.get(f"{at}/report.json").json()
    answer = client.post(f"{at}/corrections", json=given)
    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == code
    assert client.get(f"{at}/report.json").json() == before
