"""Calibration over HTTP: metres appear, agree with the truth, and go again."""

import math
from collections.abc import Callable
from itertools import pairwise

import httpx
import pytest

from pushoff.coach.accounts import Account
from pushoff.services import Services
from tests.read_session import RECTANGLE_M, drill, read_session, rectangle_px

Client = Callable[[str | None], httpx.Client]


@pytest.fixture(scope="module")
def at(services: Services, accounts: dict[str, Account]) -> str:
    return f"/coach/sessions/{read_session(services, accounts['carla']).session_id}"


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
def test_metres_agree_with_what_was_rendered(
    signed_in: Client, at: str, method: Callable[[], dict[str, object]]
) -> None:
    """Each distance is the true one within three of the standard deviations it states."""
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
def test_a_bad_calibration_is_refused_and_not_kept(
    signed_in: Client, at: str, body: dict[str, object], why: str
) -> None:
    """A refusal names what is wrong; the session stays as it was."""
    client = signed_in("carla")
    answer = client.post(f"{at}/calibration", json=body)
    assert answer.status_code == 422
    assert why in answer.text
    assert client.get(f"{at}/report.json").json()["calibration"] is None


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_an_annotator_calibrates_nothing(signed_in: Client, at: str, method: str) -> None:
    """Annotators correct push-offs; metres are the coach's and the admin's."""
    answer = signed_in("anna").request(method, f"{at}/calibration", json=two_points())
    assert answer.status_code == 403
    assert signed_in("root").request(method, f"{at}/calibration", json=two_points()).is_success


def test_a_camera_that_moved_says_why_there_are_no_metres(
    signed_in: Client, services: Services, accounts: dict[str, Account]
) -> None:
    """The page gives the reason, and the server refuses with the same sentence."""
    moved = read_session(services, accounts["carla"], camera="panning")
    at = f"/coach/sessions/{moved.session_id}"
    client = signed_in("carla")
    why = client.get(f"{at}/report.json").json()["calibration_obstacle"]
    answer = client.post(f"{at}/calibration", json=two_points())
    assert answer.status_code == 409
    assert answer.json()["error"]["message"] == why
    assert why in client.get(f"{at}/report").text
