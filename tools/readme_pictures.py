"""The pictures of the coach's page in the docs, from synthetic sessions.

    .venv/bin/python -m tools.readme_pictures [--out docs/pictures]

It starts a real backend with two rendered drills whose analysis is their ground truth, and a
Chromium that goes through the pages as a coach does. It writes WebP files of less than 200 kB.
"""

import io
import math
import shutil
import tempfile
import time
from datetime import date
from pathlib import Path

import typer
from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from pushoff.synthetic.render import DrillSpec
from pushoff.values import Exercise
from tools.coach_backend import COACH, PASSWORD, coach_backend
from tools.known_session import KnownSession, known_session

DESK: ViewportSize = {"width": 1280, "height": 900}
TALL: ViewportSize = {"width": 1280, "height": 1180}
PHONE: ViewportSize = {"width": 390, "height": 844}
MOST_BYTES = 200_000
WAIT_S = 180
"""Longest wait for a page, on a busy machine."""
_LOADED = """[...document.images].every(image => {
  const { top, bottom, left, right } = image.getBoundingClientRect();
  const seen = top < innerHeight && bottom > 0 && left < innerWidth && right > left;
  return image.complete || !seen;
})"""
ATHLETE = "Rendered athlete"
PLAIN = {
    "athlete": ATHLETE,
    "exercise": Exercise.HOP_STEPS,
    "push_offs": 5,
    "capture_fps": 240,
    "width_px": 1280,
    "height_px": 720,
    "second_person": None,
    "k1": 0.0,
}


def main(out: Path = Path("docs/pictures"), chromium: str = "chromium"):
    """Write all pictures."""
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="pushoff-pictures-") as name:
        folder = Path(name)
        with coach_backend(folder) as backend:
            url = str(backend.client.base_url)
            sessions = [
                known_session(
                    backend.services,
                    backend.account,
                    folder,
                    DrillSpec(seed=seed, speed_m_s=speed, **PLAIN),
                    ATHLETE,
                    filmed_on,
                )
                for seed, speed, filmed_on in (
                    (3, 3.4, date(2026, 9, 14)),
                    (4, 3.7, date(2026, 11, 20)),
                )
            ]
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path=shutil.which(chromium), args=["--no-sandbox", "--disable-gpu"]
                )
                _take_desktop_pictures(_page(browser, DESK), url, sessions, out)
                _take_phone_picture(_page(browser, PHONE), url, sessions[1], out)
                browser.close()
    for path in sorted(out.glob("*.webp")):
        print(f"{path} {path.stat().st_size / 1000:.0f} kB")


def _page(browser: Browser, viewport: ViewportSize) -> Page:
    page = browser.new_page(viewport=viewport)
    page.set_default_timeout(1000 * WAIT_S)
    return page


def _take_desktop_pictures(page: Page, url: str, sessions: list[KnownSession], out: Path) -> None:
    _sign_in(page, url)
    _save(_screenshot(page, "main"), out / "list.webp")
    _session(page, url, sessions[1])
    _push_off(page, 3)
    page.set_viewport_size(TALL)
    _calibrate(page, sessions[1])
    _save(_screenshot(page), out / "calibrate.webp")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("columnheader", name="Distance").wait_for()
    page.evaluate("scrollTo(0, 0)")
    _save(_screenshot(page), out / "session.webp")
    page.locator("section[aria-labelledby=intervals]").evaluate(
        "element => element.scrollIntoView()"
    )
    _save(_screenshot(page), out / "strips.webp")
    a, b = (session.session_id for session in sessions)
    page.goto(f"{url}/coach/compare?a={a}&b={b}")
    page.get_by_role("group", name="Aligned on push-off").get_by_role("button").nth(2).click()
    _wait_for_videos(page)
    _save(_screenshot(page, "main"), out / "compare.webp")


def _take_phone_picture(page: Page, url: str, session: KnownSession, out: Path) -> None:
    page.goto(f"{url}/coach")
    screens = [_screenshot(page)]
    _sign_in(page, url)
    _session(page, url, session)
    _push_off(page, 3)
    screens.append(_screenshot(page))
    page.locator("#strips").evaluate("element => element.scrollIntoView()")
    screens.append(_screenshot(page))
    gap = 24
    width = sum(screen.width for screen in screens) + gap * (len(screens) - 1)
    beside = Image.new("RGB", (width, screens[0].height), "#888")
    for number, screen in enumerate(screens):
        beside.paste(screen, (number * (screen.width + gap), 0))
    _save(beside, out / "phone.webp")


def _sign_in(page: Page, url: str) -> None:
    page.goto(f"{url}/coach")
    page.get_by_label("Name").fill(COACH)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Sessions").wait_for()


def _session(page: Page, url: str, session: KnownSession) -> None:
    page.goto(f"{url}/coach/sessions/{session.session_id}")
    page.locator("#editor[data-ready]").wait_for()


def _push_off(page: Page, number: int) -> None:
    page.locator("#marks").get_by_role("button", name=f"Push-off {number}, ").click()
    _wait_for_videos(page)


def _wait_for_videos(page: Page) -> None:
    videos = "[...document.querySelectorAll('video')]"
    _wait_until(page, f"{videos}.every(video => video.readyState >= 2 && !video.seeking)")


def _wait_until(page: Page, condition: str) -> None:
    """Poll from outside: the page's content security policy forbids Playwright's own waiting."""
    deadline = time.monotonic() + WAIT_S
    while not page.evaluate(condition):
        assert time.monotonic() < deadline, condition
        time.sleep(0.05)


def _calibrate(page: Page, session: KnownSession) -> None:
    page.get_by_role("button", name="Calibrate on this frame").click()
    _wait_until(page, "document.getElementById('calibrate-frame').complete")
    frame, toes, ends = (
        page.locator("#calibrate-frame"),
        session.truth.toes_px,
        session.truth.toes_m,
    )
    box = frame.bounding_box()
    assert box is not None
    scale = box["width"] / session.spec.width_px
    for x, y in (toes[0], toes[-1]):
        frame.click(position={"x": x * scale, "y": y * scale}, force=True)
    page.get_by_label("Metres between the two points").fill(f"{math.dist(ends[0], ends[-1]):.2f}")
    page.get_by_role("dialog").evaluate("dialog => dialog.scrollTo(0, 0)")


def _screenshot(page: Page, part: str = "body") -> Image.Image:
    """What the window shows, as far down as `part` goes."""
    _wait_until(page, _LOADED)
    below = page.locator(part).evaluate("element => element.getBoundingClientRect().bottom")
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    return picture.crop((0, 0, picture.width, min(round(below), picture.height)))


def _save(image: Image.Image, path: Path) -> None:
    for quality in (85, 75, 60, 45):
        image.save(path, quality=quality, method=6)
        if path.stat().st_size < MOST_BYTES:
            return
    raise SystemExit(f"{path} is larger than {MOST_BYTES} bytes")


if __name__ == "__main__":
    typer.run(main)
