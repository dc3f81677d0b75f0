"""What the annotator sees, in a real Chromium."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.integration.loop import Loop
from tests.integration.test_loop import promoted

pytestmark = pytest.mark.timeout(900)
PICTURES = Path(os.environ.get("PUSHOFF_TEST_PICTURES", "var/test-pictures"))
"""Screenshots are kept here, to be looked at."""


@pytest.fixture
def browser(require: Callable[[str], str]) -> Iterator[Browser]:
    chromium = require("chromium")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=chromium,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield opened
        opened.close()


@pytest.mark.parametrize(("width", "height", "name"), [(1400, 900, "desktop"), (412, 915, "phone")])
def test_an_opened_frame_shows_the_suggestion(
    loop: Loop, browser: Browser, width: int, height: int, name: str
) -> None:
    """Whoever opens a task finds the picture, both choices, and one of them suggested."""
    version = promoted(loop)
    task = loop.services.studio.get(f"/api/projects/{loop.project_id}/next")
    choice = next(
        one["result"][0]["value"]["choices"][0]
        for one in task["predictions"]
        if one["model_version"] == version
    )
    page = browser.new_page(viewport={"width": width, "height": height})
    env = loop.stack.env
    page.goto(f"{loop.stack.label_studio_url}/user/login/")
    page.fill("input[name=email]", env["LABEL_STUDIO_USERNAME"])
    page.fill("input[name=password]", env["LABEL_STUDIO_PASSWORD"])
    page.click("button[type=submit]")
    page.wait_for_url(lambda url: "/user/login" not in url)
    page.goto(f"{loop.stack.label_studio_url}/projects/{loop.project_id}/data?task={task['id']}")
    picture = page.locator("img[alt=image]")
    picture.wait_for(timeout=60_000)
    page.wait_for_function("image => image.naturalWidth > 0", arg=picture.element_handle())
    chosen = page.locator("input[type=radio][name$=push_off]:checked")
    chosen.first.wait_for(state="attached", timeout=30_000)
    page.wait_for_timeout(1000)  # animations: the picture is for people to look at
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"annotator-{name}.png")
    assert [one.get_attribute("name") for one in chosen.all()] == [choice]
