"""A real Chromium, and people signed in at the coach's page."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from pushoff.coach.accounts import sign_in
from tests.coach_rig import PASSWORD, CoachRig

PICTURES = Path(os.environ.get("PUSHOFF_TEST_PICTURES", "var/test-pictures"))
"""Screenshots are kept here, to be looked at."""
SIZES = {"desktop": (1280, 900), "phone": (390, 844)}


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """One Chromium for the run; each test opens contexts of its own."""
    from tests.conftest import require

    chromium = require("chromium")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=chromium,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield opened
        opened.close()


@pytest.fixture
def visit(browser: Browser, coach: CoachRig) -> Iterator[Callable[..., Page]]:
    """`visit("carla", "phone")`: a signed-in page that must log no error and break no policy."""
    from backend.coach.door import COOKIE

    opened: list[BrowserContext] = []
    complaints: list[str] = []

    def page(name: str = "carla", size: str = "desktop", **more: object) -> Page:
        found = sign_in(coach.services.database, name, PASSWORD)
        assert found is not None
        width, height = SIZES[size]
        context = browser.new_context(viewport={"width": width, "height": height}, **more)
        context.add_cookies(
            [{"name": COOKIE, "value": found[1], "domain": "127.0.0.1", "path": "/coach"}]
        )
        opened.append(context)
        made = context.new_page()
        made.on("pageerror", lambda error: complaints.append(str(error)))
        made.on(
            "console",
            lambda line: (
                complaints.append(line.text) if "Content Security Policy" in line.text else None
            ),
        )
        return made

    yield page
    for context in opened:
        context.close()
    assert not complaints


def picture(page: Page, name: str) -> None:
    """Keep a screenshot of the whole page."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png", full_page=True)
