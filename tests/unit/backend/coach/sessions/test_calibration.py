"""backend/coach/sessions/calibration.py: calibration over HTTP."""

import math
from collections.abc import Callable
from itertools import pairwise

import httpx
import pytest

from pushoff.coach.accounts import Account
from pushoff.services import Services
from tests.analyzed_session import RECTANGLE_M, create_analyzed_session, drill, rectangle_px

Client = Callable[[str | None], httpx.Client]


@pytest.fixture(scope="module")
def at(services: Services, accounts: dict[str, Account]) -> str:
    return f"/coach/sessions/{create_analyzed_session(services, accounts['carla']).session_id}"


def two_points() -> dict[str, object]:
    """The athlete's first and last toe, as far apart as they really were."""
    truth = drill().truth
    metres = math.dist(truth.toes_m[0], truth.toes_m[-1])
    return {"two_points": {"px": [truth.toes_px[0], truth.toes_px[-1]], "metres": metres}}


def ground_points() -> dict[str, object]:
    """A rectangle beside the runway."""
    pairs = zip(rectangle_px(), RECTANGLE_M, strict=True)
    return {"ground_points": [{"px": px, "m": metres} for px, metres in pairs]}


@pytest.mark.parametrize("method", [two_points, ground_points])
def test_distances_agree_with_the_ground_truth(
    signed_in: Client, at: str, method: Callable[[], dict[str, object]]
) -> None:
    """Within three of their standard deviations."""
    client = signed_in("carla")
    answer = client.post(f"{at}/calibration", json=method())
    assert answer.status_code == 200, answer.text
    phases = answer.json()["report"]["distances"]["phases"]
    true_m = [math.dist(a, b) for a, b in pairwise(drill().truth.toes_m)]
    assert len(phases) == len(true_m) == 2
    for phase, metres in zip(phases, true_m, strict=True):
        assert abs(phase["distance_m"] - metres) < 3 * phase["distance_uncertainty_m"]
        assert phase["speed_m_s"] is not None
    assert "Total " in client.get(f"{at}/report").text
    gone = client.delete(f"{at}/calibration").json()
    assert gone["calibration"] is None
    assert gone["report"]["distances"]["total_m"] is None


REFUSED = [
    ({}, "0 of pixels_per_metre, two_points and ground_points"),
    ({"two_points": {"px": [[10, 10], [11, 10]], "metres": 2}}, "further apart"),
    ({"two_points": {"px": [[10, 10], [900, 10]], "metres": 2}}, "outside the video"),
    ({"two_points": {"px": [[10, 10], [400, 10]], "metres": "2"}}, "metres"),
    ({"two_points": {"px": [[10, 10], [400, 10]], "metres": 2}, "width_px": 960}, "960 x 270"),
    ({"pixels_per_metre": 50, "secret": 1}, "secret"),
]


@pytest.mark.parametrize(("body", "why"), REFUSED)
def test_an_invalid_calibration_is_refused(
    signed_in: Client, at: str, body: dict[str, object], why: str
) -> None:
    """The session does not change."""
    client = signed_in("carla")
    answer = client.post(f"{at}/calibration", json=body)
    assert answer.status_code == 422
    assert why in answer.text
    assert client.get(f"{at}/report.json").json()["calibration"] is None


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_an_annotator_cannot_calibrate(signed_in: Client, at: str, method: str) -> None:
    """Only the session's coach and admins."""
    answer = signed_in("anna").request(method, f"{at}/calibration", json=two_points())
    assert answer.status_code == 403
    assert signed_in("root").request(method, f"{at}/calibration", json=two_points()).is_success


def test_a_moved_camera_cannot_be_calibrated(
    signed_in: Client, services: Services, accounts: dict[str, Account]
) -> None:
    """Page and server give the same reason."""
    moved = create_analyzed_session(services, accounts["carla"], camera="panning")
    at = f"/coach/sessions/{moved.session_id}"
    client = signed_in("carla")
    why = client.get(f"{at}/report.json").json()["calibration_obstacle"]
    answer = client.post(f"{at}/calibration", json=two_points())
    assert answer.status_code == 409
    assert answer.json()["error"]["message"] == why
    assert why in client.get(f"{at}/report").text


@pytest.mark.parametrize("metres", [0.01, 0.3, 800])
def test_an_implausible_calibration_is_asked_about(
    signed_in: Client, at: str, metres: float
) -> None:
    """Hops of 400 m, or an athlete of 20 cm: 409 until it is confirmed; nothing is saved before."""
    client = signed_in("carla")
    client.delete(f"{at}/calibration")
    body = two_points()
    body["two_points"]["metres"] = metres
    preview = client.post(f"{at}/calibration/preview", json=body).json()
    assert preview["question"] and preview["grid"]
    answer = client.post(f"{at}/calibration", json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "implausible_calibration")
    assert client.get(f"{at}/report.json").json()["calibration"] is None
    answer = client.post(f"{at}/calibration", json={**body, "confirmed": True})
    assert answer.status_code == 200
    saved = client.get(f"{at}/report.json").json()["calibration"]
    assert saved["two_points"]["metres"] == metres
    assert "confirmed" not in saved


def test_a_preview_saves_nothing(signed_in: Client, at: str) -> None:
    """It draws the metres and asks nothing about a calibration that fits."""
    client = signed_in("carla")
    client.delete(f"{at}/calibration")
    for body in (two_points(), ground_points()):
        preview = client.post(f"{at}/calibration/preview", json=body).json()
        assert preview["question"] is None
        assert all(len(line) >= 2 for line in preview["grid"])
    assert client.get(f"{at}/report.json").json()["calibration"] is None
    assert client.post(f"{at}/calibration/preview", json={}).status_code == 422
