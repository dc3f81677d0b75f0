"""The pictures of the coach's page in the docs, from synthetic sessions.

    .venv/bin/python -m tools.readme_pictures [--out docs/pictures]

A real backend, two rendered drills read as the exact truth of them, and a Chromium that signs in
and goes through the pages as a coach does. What is written is WebP, each below 200 kB.
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
from playwright.sync_api import Page, sync_playwright

from pushoff.synthetic.render import DrillSpec
from pushoff.values import Exercise
from tools.coach_backend import COACH, PASSWORD, coach_backend
from tools.known_session import KnownSession, known_session

DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
TALL = {"width": 1280, "height": 1180}
MOST_BYTES = 200_000
_LOADED = """[...document.images].every(one => {
  const { top, bottom, left, right } = one.getBoundingClientRect();
  const seen = top < innerHeight && bottom > 0 && left < innerWidth && right > left;
  return one.complete || !seen;
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
    """Make all of them anew."""
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="pushoff-pictures-") as name:
        folder = Path(name)
        with coach_backend(folder) as backend:
            url = str(backend.client.base_url)
            made = [
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
                _at_the_desk(browser.new_page(viewport=DESK), url, made, out)
                _on_the_phone(browser.new_page(viewport=PHONE), url, made[1], out)
                browser.close()
    for path in sorted(out.glob("*.webp")):
        print(f"{path} {path.stat().st_size / 1000:.0f} kB")


def _at_the_desk(page: Page, url: str, made: list[KnownSession], out: Path) -> None:
    _sign_in(page, url)
    _keep(_shown(page, "main"), out / "list.webp")
    _session(page, url, made[1])
    _push_off(page, 3)
    page.set_viewport_size(TALL)
    _calibrate(page, made[1])
    _keep(_shown(page), out / "calibrate.webp")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("columnheader", name="Distance").wait_for()
    page.evaluate("scrollTo(0, 0)")
    _keep(_shown(page), out / "session.webp")
    page.locator("section[aria-labelledby=intervals]").evaluate("one => one.scrollIntoView()")
    _keep(_shown(page), out / "strips.webp")
    a, b = (one.session_id for one in made)
    page.goto(f"{url}/coach/compare?a={a}&b={b}")
    page.get_by_role("group", name="Aligned on push-off").get_by_role("button").nth(2).click()
    _videos_stand(page)
    _keep(_shown(page, "main"), out / "compare.webp")


def _on_the_phone(page: Page, url: str, session: KnownSession, out: Path) -> None:
    page.goto(f"{url}/coach")
    screens = [_shown(page)]
    _sign_in(page, url)
    _session(page, url, session)
    _push_off(page, 3)
    screens.append(_shown(page))
    page.locator("#strips").evaluate("one => one.scrollIntoView()")
    screens.append(_shown(page))
    gap = 24
    width = sum(one.width for one in screens) + gap * (len(screens) - 1)
    beside = Image.new("RGB", (width, screens[0].height), "#888")
    for number, one in enumerate(screens):
        beside.paste(one, (number * (one.width + gap), 0))
    _keep(beside, out / "phone.webp")


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
    _videos_stand(page)


def _videos_stand(page: Page) -> None:
    videos = "[...document.querySelectorAll('video')]"
    _until(page, f"{videos}.every(one => one.readyState >= 2 && !one.seeking)")


def _until(page: Page, true: str) -> None:
    """Asked from outside: the page's policy forbids Playwright's own way of waiting."""
    deadline = time.monotonic() + 30
    while not page.evaluate(true):
        assert time.monotonic() < deadline, true
        time.sleep(0.05)


def _calibrate(page: Page, session: KnownSession) -> None:
    page.get_by_role("button", name="Calibrate on this frame").click()
    _until(page, "document.getElementById('calibrate-frame').complete")
    image = page.locator("#calibrate-frame")
    toes, ends = session.truth.toes_px, session.truth.toes_m
    box = image.bounding_box()
    assert box is not None
    scale = box["width"] / session.spec.width_px
    for x, y in (toes[0], toes[-1]):
        image.click(position={"x": x * scale, "y": y * scale}, force=True)
    page.get_by_label("Metres between the two points").fill(f"{math.dist(ends[0], ends[-1]):.2f}")
    page.get_by_role("dialog").evaluate("one => one.scrollTo(0, 0)")


def _shown(page: Page, part: str = "body") -> Image.Image:
    """What the window shows, as far down as `part` goes."""
    _until(page, _LOADED)
    below = page.locator(part).evaluate("one => one.getBoundingClientRect().bottom")
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    return picture.crop((0, 0, picture.width, min(round(below), picture.height)))


def _keep(image: Image.Image, path: Path) -> None:
    for quality in (85, 75, 60, 45):
        image.save(path, quality=quality, method=6)
        if path.stat().st_size < MOST_BYTES:
            return
    raise SystemExit(f"{path} is larger than {MOST_BYTES} bytes")


if __name__ == "__main__":
    typer.run(main)
