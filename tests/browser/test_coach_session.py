"""A session's page in a real Chromium: stepping, timeline, corrections."""

import math
from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.analyzed_session import SPEC, create_analyzed_session, drill
from tests.browser.conftest import SIZES, no_serious_violations, picture
from tests.coach_rig import ATHLETE, CoachRig

pytestmark = pytest.mark.timeout(300)
Visit = Callable[..., Page]


@pytest.fixture
def address(coach: CoachRig) -> str:
    """A fresh session of carla's, read without a mistake: three push-offs of the right foot."""
    session = create_analyzed_session(coach.services, coach.accounts["carla"], ATHLETE)
    return f"{coach.url}/coach/sessions/{session.session_id}"


def opened(page: Page, address: str) -> Page:
    """The page, once its script has drawn the timeline."""
    page.goto(address)
    expect(page.locator("#editor[data-ready]")).to_be_visible()
    return page


def mark(page: Page, number: int) -> Locator:
    return page.locator("#marks").get_by_role("button", name=f"Push-off {number}, ")


def ups() -> tuple[int, ...]:
    return drill().truth.push_off_frames


def shown(page: Page, frame: int) -> None:
    """The player says so, the curve's cursor is there, and the video shows the middle of it."""
    expect(page.locator("#position")).to_contain_text(f"Frame {frame},")
    expect(page.get_by_role("slider")).to_have_attribute("aria-valuenow", str(frame))
    seconds = page.evaluate("document.getElementById('video').currentTime")
    assert math.floor(60 * seconds) == frame


def test_frames_are_stepped_and_the_cursor_follows(visit: Visit, address: str) -> None:
    """Buttons and keys go one frame or ten, to both ends and no further."""
    page = opened(visit(), address)
    last = drill().truth.frames - 1
    shown(page, 0)
    for key, frame in (
        ("ArrowRight", 1),
        (".", 2),
        ("Shift+ArrowRight", 12),
        (",", 11),
        ("ArrowLeft", 10),
        ("Shift+ArrowLeft", 0),
        ("ArrowLeft", 0),
        ("End", last),
        ("ArrowRight", last),
        ("Home", 0),
    ):
        page.keyboard.press(key)
        shown(page, frame)
    page.get_by_role("button", name="1 frame forward").click()
    shown(page, 1)
    page.get_by_role("button", name="1 frame back").click()
    shown(page, 0)
    expect(page.locator("#position")).to_contain_text("0.000 s")


def test_speeds_are_named_by_real_time(visit: Visit, address: str) -> None:
    """A video of 120/s in a preview of 60/s plays at twice its speed in real time."""
    page = opened(visit(), address)
    for name, factor in (("real time", 1), ("1/2", 1 / 2), ("1/16", 1 / 16)):
        page.get_by_label("Speed").select_option(name)
        expect(page.locator("#video")).to_have_js_property(
            "playbackRate", SPEC.capture_fps / 60 * factor
        )


def test_the_video_plays_and_the_cursor_keeps_step(visit: Visit, address: str) -> None:
    """Space plays and pauses; the frame then shown is the one that is named."""
    page = opened(visit(), address)
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    expect(page.locator("#position")).not_to_contain_text("Frame 0,")
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    text = page.locator("#position").text_content()
    assert text is not None
    shown(page, int(text.split()[1].rstrip(",")))


def test_marks_pictures_and_the_curve_jump(visit: Visit, address: str) -> None:
    """A click on a mark, a picture of a strip, a row or the curve goes there."""
    page = opened(visit(), address)
    mark(page, 2).click()
    shown(page, ups()[1])
    expect(mark(page, 2)).to_have_attribute("aria-pressed", "true")
    page.get_by_role("link", name="Push-off 1: last contact").click()
    shown(page, ups()[0])
    page.get_by_role("link", name="3", exact=True).click()
    shown(page, ups()[2])
    page.locator("#curve").click(position={"x": 2, "y": 20})
    frame = int(page.get_by_role("slider").get_attribute("aria-valuenow") or -1)
    assert frame < ups()[0]


def test_corrections_change_the_report_and_undo_brings_it_back(visit: Visit, address: str) -> None:
    """Move, flip, add and delete show in timeline, table and log at once; undo takes them back."""
    page = opened(visit(), address)
    answer, said = page.locator("#report"), page.locator("#message")
    before = page.get_by_role("heading", level=2).first.text_content()
    mark(page, 2).click()
    page.get_by_role("button", name="1 frame later").click()
    expect(said).to_have_text(f"Moved to frame {ups()[1] + 1}.")
    expect(answer).to_contain_text("set by hand")
    shown(page, ups()[1] + 1)
    page.get_by_role("button", name="Switch foot").click()
    expect(
        page.locator("#marks").get_by_role("button", name="Push-off 2, left foot")
    ).to_be_visible()
    expect(answer.get_by_role("heading", level=2).first).not_to_have_text(before or "")
    for _ in range(3):
        page.keyboard.press("Shift+ArrowLeft")  # ten frames each: no two push-offs within 0.1 s
    page.get_by_role("button", name="Left", exact=True).click()
    expect(page.locator(".mark")).to_have_count(4)
    expect(answer.get_by_text("4 push-offs")).to_be_visible()
    page.get_by_role("button", name="Delete").click()
    expect(page.locator(".mark")).to_have_count(3)
    page.get_by_text("Corrections (4)").click()
    expect(answer.get_by_text("carla moved the push-off")).to_be_visible()
    picture(page, "coach-session-corrected")
    for _ in range(4):
        page.keyboard.press("Control+z")
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()
    expect(answer.get_by_role("heading", level=2).first).to_have_text(before or "")
    expect(answer).not_to_contain_text("set by hand")


def test_a_refusal_is_a_sentence_at_the_timeline(visit: Visit, address: str) -> None:
    """A second push-off in one frame, or one where nobody is seen, is refused with the reason."""
    page = opened(visit(), address)
    mark(page, 1).click()
    page.get_by_role("button", name="Right", exact=True).click()
    expect(page.locator("#message")).to_contain_text("already")
    page.keyboard.press("Home")
    page.get_by_role("button", name="Right", exact=True).click()
    expect(page.locator("#message")).to_contain_text("No athlete was tracked")
    expect(page.locator(".mark")).to_have_count(3)


def test_everything_goes_by_keyboard(visit: Visit, address: str) -> None:
    """Without a mouse: to the marks by Tab, then move, flip, delete, add and undo."""
    page = opened(visit(), address)
    page.get_by_role("slider").focus()
    page.keyboard.press("Tab")
    expect(mark(page, 1)).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    shown(page, ups()[1])
    page.keyboard.press("Alt+ArrowRight")
    page.keyboard.press("Alt+ArrowRight")  # before the first is answered
    expect(page.locator("#message")).to_have_text(f"Moved to frame {ups()[1] + 2}.")
    expect(page.locator(f".mark[data-frame='{ups()[1] + 2}']")).to_be_focused()
    page.keyboard.press("f")
    expect(
        page.locator("#marks").get_by_role("button", name="Push-off 2, left foot")
    ).to_be_focused()
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("m")
    expect(page.locator("#message")).to_have_text(f"Moved to frame {ups()[1] + 12}.")
    page.keyboard.press("Delete")
    expect(page.locator(".mark")).to_have_count(2)
    page.keyboard.press("r")
    expect(page.locator(".mark")).to_have_count(3)
    page.keyboard.press("Control+z")
    expect(page.locator(".mark")).to_have_count(2)


def test_an_annotator_corrects_and_does_not_calibrate(visit: Visit, address: str) -> None:
    """Annotators see every session and correct it; calibration is the coach's."""
    page = opened(visit("anna"), address)
    mark(page, 1).click()
    page.get_by_role("button", name="Confirm").click()
    expect(page.locator("#report").get_by_text("set by hand").first).to_be_visible()
    expect(page.get_by_role("button", name="Calibrate on this frame")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_it_looks_right_and_axe_finds_nothing(
    visit: Visit, address: str, size: str, scheme: str
) -> None:
    """Phone and desktop, light and dark: no serious violation, nothing wider than the screen."""
    page = opened(visit(size=size, color_scheme=scheme), address)
    for strip in page.locator("figure").all():
        strip.scroll_into_view_if_needed()
        expect(strip.locator("img").nth(2)).to_have_js_property("complete", True)
    page.get_by_text("Keyboard", exact=True).click()
    mark(page, 1).click()
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    no_serious_violations(page)
    picture(page, f"coach-session-{size}-{scheme}")


def test_the_page_is_small_and_asks_nobody_else(
    coach: CoachRig, visit: Visit, address: str
) -> None:
    """Page, style and scripts are under 200 kB together, all of them from this server."""
    page = visit()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    opened(page, address)
    assert {httpx.URL(url).netloc for url in asked} == {httpx.URL(coach.url).netloc}
    code = [url for url in asked if "/static/" in url or url == address]
    with coach.client() as client:
        assert sum(len(client.get(url).content) for url in code) < 200_000
