"""What the annotator sees, in a real Chromium."""

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import PICTURES
from tests.integration.loop import Loop
from tests.integration.workflows.test_refit import shown
from tests.integration.workflows.test_retrain import promoted

pytestmark = pytest.mark.timeout(900)


@pytest.mark.parametrize("blind", [False, True])
@pytest.mark.parametrize(("width", "height", "name"), [(1400, 900, "desktop"), (412, 915, "phone")])
def test_an_opened_frame_shows_the_suggestion(
    loop: Loop, browser: Browser, width: int, height: int, name: str, blind: bool
) -> None:
    """Whoever opens a task finds the picture, why it comes, and a suggestion unless it is blind."""
    promoted(loop)
    publication = shown(loop)
    waiting = [one for one in publication.places.values() if one.blind is blind]
    told = min(waiting, key=lambda one: one.score)
    task = loop.services.studio.get(f"/api/tasks/{told.task_id}")
    regions = next(
        one["result"] for one in task["predictions"] if one["model_version"] == publication.name
    )
    suggested = [one["value"]["choices"][0] for one in regions if one["type"] == "choices"]
    assert len(suggested) == (0 if blind else 1)
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
    page.get_by_text(told.reason).first.wait_for(timeout=30_000)
    if not blind:
        chosen.first.wait_for(state="attached", timeout=30_000)
    page.wait_for_timeout(1000)  # animations: the picture is for people to look at
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"annotator-{name}{'-blind' if blind else ''}.png")
    assert [one.get_attribute("name") for one in chosen.all()] == suggested
