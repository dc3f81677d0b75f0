"""A real Chromium, and people signed in at the coach's page."""

import gzip
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from pushoff.coach.accounts import authenticate
from tests.coach_rig import PASSWORD, CoachRig

PICTURES = Path(os.environ.get("PUSHOFF_TEST_PICTURES", "var/test-pictures"))
"""Screenshots are kept here, to be looked at."""
AXE = Path(__file__).with_name("axe.min.js.gz")
"""axe-core 4.14.1 (MPL 2.0), packed because it is large; tests only."""
SIZES = {"desktop": (1280, 900), "phone": (390, 844)}


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One Chromium for these tests; each opens contexts of its own.

    It ends with the package: Playwright keeps an event loop running in this thread for as long
    as it is open, and `asyncio.run` in any later test would fail.
    """
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
    from backend.coach.auth.session_auth import COOKIE

    opened: list[BrowserContext] = []
    complaints: list[str] = []

    def page(name: str = "carla", size: str = "desktop", **more: object) -> Page:
        found = authenticate(coach.services.database, name, PASSWORD)
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


def no_serious_violations(page: Page) -> None:
    """Fail with what axe finds serious or critical on the page as it stands (WCAG 2.1 A and AA)."""
    page.evaluate(gzip.decompress(AXE.read_bytes()).decode())  # not bound by the page's policy
    rules = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}
    found = page.evaluate("rules => axe.run(document, {runOnly: rules})", rules)["violations"]
    told = [
        f"{one['id']}: {one['help']}: {[node['html'][:200] for node in one['nodes'][:3]]}"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]
    assert not told, "\n".join(told)
