"""Calibrating on the picture, in a real Chromium."""

import math
from collections.abc import Callable, Iterator
from itertools import pairwise

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.analyzed_session import RECTANGLE_M, SPEC, create_analyzed_session, drill, rectangle_px
from tests.browser.conftest import no_serious_violations, picture
from tests.browser.test_coach_session import opened
from tests.coach_rig import CoachRig

pytestmark = pytest.mark.timeout(300)
Visit = Callable[..., Page]


@pytest.fixture
def carla(coach: CoachRig) -> Iterator[httpx.Client]:
    with coach.client("carla") as client:
        yield client


@pytest.fixture
def at(coach: CoachRig) -> str:
    session = create_analyzed_session(coach.services, coach.accounts["carla"])
    return f"{coach.url}/coach/sessions/{session.session_id}"


def calibrating(page: Page, at: str) -> Page:
    """The dialog, with its picture."""
    opened(page, at).get_by_role("button", name="Calibrate on this frame").click()
    expect(page.locator("#calibrate-frame")).to_have_js_property("complete", True)
    return page


def click(page: Page, px: tuple[float, float]) -> None:
    """Click the video's pixel in the picture."""
    still = page.locator("#calibrate-frame")
    still.scroll_into_view_if_needed()
    box = still.bounding_box()
    assert box is not None
    x, y = px[0] * box["width"] / SPEC.width_px, px[1] * box["height"] / SPEC.height_px
    still.click(position={"x": x, "y": y}, force=True)


def nudge(page: Page, on: str, back: str, pixels: int) -> None:
    """So many pixels of the video, ten at a time where it is far."""
    key, tens, ones = on if pixels > 0 else back, *divmod(abs(pixels), 10)
    for press in (*[f"Shift+{key}"] * tens, *[key] * ones):
        page.keyboard.press(press)


def agrees(carla: httpx.Client, at: str) -> None:
    """Each distance is the true one within three of the deviations it states."""
    phases = carla.get(f"{at}/report.json").json()["report"]["distances"]["phases"]
    true_m = [math.dist(a, b) for a, b in pairwise(drill().truth.toes_m)]
    for phase, metres in zip(phases, true_m, strict=True):
        assert abs(phase["distance_m"] - metres) < 3 * phase["distance_uncertainty_m"]
        assert abs(phase["distance_m"] - metres) < 0.3 * metres


def test_two_clicks_and_metres_give_distances(visit: Visit, carla: httpx.Client, at: str) -> None:
    """Clicked on the athlete's line, distances and speeds appear and agree with the truth."""
    page = calibrating(visit(), at)
    truth = drill().truth
    click(page, truth.toes_px[0])
    click(page, truth.toes_px[-1])
    metres = math.dist(truth.toes_m[0], truth.toes_m[-1])
    page.get_by_label("Metres between the two points").fill(f"{metres:.2f}".replace(".", ","))
    no_serious_violations(page)
    picture(page, "coach-calibrate-desktop")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("columnheader", name="Distance")).to_be_visible()
    expect(page.get_by_role("columnheader", name="Mean speed")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
    agrees(carla, at)
    page.get_by_role("button", name="Calibrate on this frame").click()
    page.get_by_role("button", name="Delete the calibration").click()
    expect(page.locator("#report")).to_contain_text(
        "No distances yet. Use 'Calibrate on this frame' above."
    )


def test_four_points_by_keyboard_on_a_phone(visit: Visit, carla: httpx.Client, at: str) -> None:
    """Points are nudged pixel by pixel; a rectangle's length and width are enough."""
    page = calibrating(visit(size="phone"), at)
    page.get_by_label("Four points on the ground").check()
    for number, px in enumerate(rectangle_px(), start=1):
        point = page.get_by_role("button", name=f"Point {number}, ")
        point.focus()
        label = point.get_attribute("aria-label") or ""
        at_x, at_y = (float(part.split()[0]) for part in label.split(", ")[1:])
        nudge(page, "ArrowRight", "ArrowLeft", round(px[0] - at_x))
        nudge(page, "ArrowDown", "ArrowUp", round(px[1] - at_y))
    (_, _), (length, _), (_, width), _ = RECTANGLE_M
    page.get_by_label("Length along the runway").fill(str(length))
    page.get_by_label("Width across the runway").fill(str(width))
    page.get_by_label("Metres from the camera").fill("5")
    picture(page, "coach-calibrate-phone")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("columnheader", name="Distance")).to_be_visible()
    agrees(carla, at)
    page.get_by_role("button", name="Calibrate on this frame").click()
    expect(page.get_by_label("Four points on the ground")).to_be_checked()


def test_a_refusal_stands_in_the_dialog(visit: Visit, at: str) -> None:
    """What is missing or cannot be is said where it was typed, and nothing is saved."""
    page = calibrating(visit(), at)
    said = page.get_by_role("dialog").get_by_role("alert")
    page.get_by_role("button", name="Save").click()
    expect(said).to_contain_text("Enter the distance between the two points in metres")
    expect(page.get_by_label("Metres between the two points")).to_be_focused()
    click(page, (100, 240))
    click(page, (126, 240))
    page.get_by_label("Metres between the two points").fill("2")
    page.keyboard.press("Enter")
    expect(said).to_contain_text("further apart")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator("#report")).to_contain_text("No distances yet")


def test_an_implausible_calibration_is_asked_about(
    visit: Visit, carla: httpx.Client, at: str
) -> None:
    """The metres are drawn as they are typed; 800 m are saved only when confirmed."""
    page = calibrating(visit(), at)
    truth = drill().truth
    click(page, truth.toes_px[0])
    click(page, truth.toes_px[-1])
    metres = page.get_by_label("Metres between the two points")
    metres.fill("800")
    expect(page.get_by_role("dialog").get_by_role("status")).to_contain_text("By these points")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("save it anyway")
    expect(page.get_by_role("button", name="Save anyway")).to_be_visible()
    metres.fill("4")
    expect(page.get_by_role("button", name="Save", exact=True)).to_be_visible()
    expect(page.locator("#canvas .outline polyline").first).to_be_attached()
    assert carla.get(f"{at}/report.json").json()["calibration"] is None


def test_a_moving_camera_says_why(visit: Visit, coach: CoachRig) -> None:
    """A video whose camera followed the athlete cannot be calibrated, and the dialog says so."""
    session = create_analyzed_session(coach.services, coach.accounts["carla"], camera="panning")
    page = calibrating(visit(), f"{coach.url}/coach/sessions/{session.session_id}")
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("The camera moved")
    expect(page.get_by_role("button", name="Save")).to_be_disabled()
