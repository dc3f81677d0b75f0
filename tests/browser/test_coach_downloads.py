"""Downloads, clips, comparison and trend of the coach's pages, in a real Chromium."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import av
import pytest
from playwright.sync_api import Page, expect

from pushoff.coach.session_report import current_report
from pushoff.coach.sessions import CoachSession
from pushoff.values import Exercise
from pushoff.video.preview import PREVIEW_FPS
from tests.analyzed_session import SPEC, create_analyzed_session
from tests.browser.conftest import SIZES, no_serious_violations, picture
from tests.coach_rig import ATHLETE, CoachRig
from tests.coach_sessions import kept_session
from tests.unit.report.pdf_reader import pdf_pages

pytestmark = pytest.mark.timeout(300)
JUMPER = ATHLETE + " II"


@pytest.fixture(scope="module")
def pair(coach: CoachRig) -> tuple[CoachSession, CoachSession]:
    """Two sessions of one athlete, five days apart, of cameras at 120/s and at 240/s."""
    carla = coach.accounts["carla"]
    later = {"filmed_on": date(2026, 11, 25), "exercise": Exercise.HOPS, "footage": "synthetic"}
    return (
        create_analyzed_session(coach.services, carla, JUMPER),
        kept_session(coach.services, carla, athlete=JUMPER, **later),
    )


def pushes(coach: CoachRig, session: CoachSession) -> list[int]:
    report = current_report(coach.services.database, coach.services.storage, session).report
    return [report.events[index].frame for index in report.sequence.drill]


@pytest.mark.parametrize("size", SIZES)
def test_downloads_and_clips(
    coach: CoachRig,
    pair: tuple[CoachSession, CoachSession],
    visit: Callable[..., Page],
    tmp_path: Path,
    size: str,
) -> None:
    """The PDF opens; a clip is asked for, made while the page waits, and saved as a video."""
    page = visit(size=size)
    page.goto(f"{coach.url}/coach/sessions/{pair[0].session_id}")
    with page.expect_download() as told_of:
        page.get_by_role("link", name="Report to print (PDF)").click()
    assert told_of.value.suggested_filename.endswith("-2026-11-20-hops-hops.pdf")
    saved = tmp_path / "report.pdf"
    told_of.value.save_as(saved)
    assert ATHLETE.split()[0] in "\n".join(pdf_pages(saved.read_bytes()))

    what = {"desktop": "Whole session", "phone": "Push-off 1"}[size]
    row = page.locator("#clips li").filter(has_text=what).first
    row.get_by_role("button", name="Create clip").click()
    expect(row.get_by_role("link", name="Save clip")).to_be_visible(timeout=60_000)
    expect(page.locator("#clip-message")).to_contain_text("the clip is ready")
    with page.expect_download() as told_of:
        row.get_by_role("link", name="Save clip").click()
    clip = tmp_path / "clip.mp4"
    told_of.value.save_as(clip)
    with av.open(str(clip)) as video:
        stream = video.streams.video[0]
        assert (stream.width, stream.height) == (SPEC.width_px, SPEC.height_px)
        assert stream.average_rate == 30
        assert stream.frames % 2 == 0
    page.locator("#downloads").scroll_into_view_if_needed()
    overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert overflow <= 0
    picture(page, f"coach-downloads-{size}")


@pytest.mark.parametrize("size", SIZES)
def test_two_videos_step_together(
    coach: CoachRig,
    pair: tuple[CoachSession, CoachSession],
    visit: Callable[..., Page],
    size: str,
) -> None:
    """From a session's page two videos are opened side by side and stand at the same push-off."""
    page = visit(size=size)
    page.goto(f"{coach.url}/coach/sessions/{pair[0].session_id}")
    page.get_by_label("With another session of this athlete").select_option(pair[1].session_id)
    page.get_by_role("button", name="Compare").click()
    expect(page.locator("#compare[data-ready]")).to_be_visible()
    places = [pushes(coach, one) for one in pair]
    chosen = min(len(each) for each in places)

    def stand_at(by: int) -> None:
        frames = [each[chosen - 1] + by * per for each, per in zip(places, (1, 2), strict=True)]
        wanted = [(frame + 0.5) / PREVIEW_FPS for frame in frames]
        page.wait_for_function(
            "wanted => [...document.querySelectorAll('#compare video')].every("
            "(video, k) => Math.abs(video.currentTime - wanted[k]) < 0.004 && !video.seeking)",
            arg=wanted,
        )

    page.locator(f'#compare button[data-number="{chosen}"]').click()
    stand_at(0)
    expect(page.locator("#position")).to_contain_text("Last contact")
    page.get_by_role("button", name="One step forward").click()
    stand_at(1)
    expect(page.locator("#position")).to_contain_text("8 ms after the last contact")
    page.keyboard.press("Shift+ArrowLeft")
    stand_at(-9)
    page.get_by_role("button", name="Last contact").click()
    stand_at(0)
    expect(page.locator(f'[data-strip="{chosen}"] img').first).to_be_visible()
    page.wait_for_function(
        "() => [...document.querySelectorAll('[data-strip]:not([hidden]) img')]"
        ".every(i => i.complete)"
    )
    broken = page.evaluate(
        "[...document.querySelectorAll('[data-strip]:not([hidden]) img')]"
        ".filter(i => !i.naturalWidth).length"
    )
    assert broken == 0
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    no_serious_violations(page)
    picture(page, f"coach-compare-{size}")
    page.get_by_role("button", name="Slow motion").click()
    start = page.evaluate("document.querySelector('#compare video').currentTime")
    page.wait_for_function(
        "start => document.querySelector('#compare video').currentTime > start + 0.1", arg=start
    )
    page.get_by_role("button", name="Slow motion").click()
    expect(page.locator("#position")).to_contain_text("after the last contact")


@pytest.mark.parametrize("size", SIZES)
def test_a_video_without_push_offs(coach: CoachRig, visit: Callable[..., Page], size: str) -> None:
    """Its page, its clip list, its report and its comparison say so, and wait for nothing."""
    carla, name = coach.accounts["carla"], f"Nobody jumps {size}"
    empty = kept_session(coach.services, carla, athlete=name, pushes=(), feet=())
    some = kept_session(coach.services, carla, athlete=name, filmed_on=date(2026, 11, 25))
    page = visit(size=size)
    page.goto(f"{coach.url}/coach/sessions/{empty.session_id}")
    expect(page.locator("#editor[data-ready]")).to_be_visible()
    expect(page.locator("#headline")).to_have_text("No push-offs found")
    expect(page.locator("#clips li")).to_have_count(1)
    no_serious_violations(page)
    with page.expect_download() as told_of:
        page.get_by_role("link", name="Report to print (PDF)").click()
    assert "No push-offs found" in "\n".join(pdf_pages(told_of.value.path().read_bytes()))
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("status")).to_contain_text("Session A has no push-offs")
    expect(page.locator("#compare")).to_have_count(0)
    no_serious_violations(page)
    picture(page, f"coach-compare-nothing-{size}")
    page.goto(f"{coach.url}/coach/sessions/{empty.session_id}/trend")
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    page.goto(f"{coach.url}/coach/compare?a={some.session_id}&b={empty.session_id}")
    expect(page.get_by_role("status")).to_contain_text("Session B has no push-offs")


@pytest.mark.parametrize("size", SIZES)
def test_a_trend_over_days(coach: CoachRig, visit: Callable[..., Page], size: str) -> None:
    """Points with error bars in a chart, the same numbers in a table, each day a link."""
    carla = coach.accounts["carla"]
    for month in range(4, 9):
        last = kept_session(
            coach.services,
            carla,
            athlete=f"Zoë {size}",
            exercise=Exercise.TRIPLE,
            filmed_on=date(2026, month, 3 * month),
            pushes=(60, 116 + month, 190),
            calibration={"pixels_per_metre": 100.0} if month != 6 else None,
        )
    page = visit(size=size)
    page.goto(f"{coach.url}/coach/sessions/{last.session_id}")
    page.get_by_role("link", name="Trend:").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Zoë {size}")
    assert page.locator("svg.error-bars").count() == 4
    assert page.locator("svg.error-bars").first.locator("circle").count() == 5
    assert page.locator("tbody tr").count() == 5
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    no_serious_violations(page)
    picture(page, f"coach-trend-{size}")
    page.emulate_media(color_scheme="dark")
    picture(page, f"coach-trend-{size}-dark")
    page.locator("tbody a").first.click()
    page.wait_for_url("**/coach/sessions/*")


def test_another_coach_gets_nothing(
    coach: CoachRig, pair: tuple[CoachSession, CoachSession]
) -> None:
    """Downloads, clips, comparison and trend of somebody else's session are not there."""
    a, b = (one.session_id for one in pair)
    with coach.client("otto") as other:
        for place in (
            f"sessions/{a}/download/report.pdf",
            f"sessions/{a}/download/report.json",
            f"sessions/{a}/clips",
            f"sessions/{a}/clips/session.mp4",
            f"sessions/{a}/trend",
            f"compare?a={a}&b={b}",
        ):
            assert other.get(f"/coach/{place}").status_code == 404, place
        asked = other.post(f"/coach/sessions/{a}/clips", data={"target": "session"})
        assert asked.status_code == 404
