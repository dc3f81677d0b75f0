"""What the annotator sees, in a real Chromium."""

import pytest
from playwright.sync_api import Browser

from pushoff.storage.publications import published_version
from tests.browser.conftest import PICTURES
from tests.integration.loop import Loop
from tests.integration.test_loop import promoted

pytestmark = pytest.mark.timeout(900)


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
        if published_version(one["model_version"]) == version
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
