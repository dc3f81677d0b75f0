"""What the annotator sees and presses, in a real Chromium."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from pushoff.storage.publications import QueueEntry
from pushoff.studio.announcement import announce
from pushoff.studio.tabs import SKIPPED, TO_LABEL
from pushoff.studio.tasks import first_tasks
from pushoff.values import Label
from pushoff.workflows.steps.suggestion_line import ACCEPT, BLIND_REASON
from tests.browser.conftest import PICTURES
from tests.integration.loop import Loop
from tests.integration.workflows.test_refit import shown
from tests.integration.workflows.test_retrain import promoted

pytestmark = pytest.mark.timeout(900)

SIZES = {"wide": (1440, 900), "narrow": (1024, 768), "phone": (412, 915)}
STRIP = "img[alt='The athlete around this frame']"
PREDICTION_TAB = ".lsf-annotation-button:has(.lsf-annotation-button__userpic_prediction)"
_LOADED = "image => image.complete && image.naturalWidth > 0"


@pytest.fixture(params=["wide", "narrow"])
def size(request: pytest.FixtureRequest) -> str:
    """The two sizes at which people label."""
    return str(request.param)


@pytest.fixture
def page(loop: Loop, browser: Browser, size: str) -> Iterator[Page]:
    """Signed in to Label Studio."""
    opened = signed_in(loop, browser, size)
    yield opened
    opened.close()


def signed_in(loop: Loop, browser: Browser, size: str) -> Page:
    width, height = SIZES[size]
    page = browser.new_page(viewport={"width": width, "height": height})
    env = loop.stack.env
    page.goto(f"{loop.stack.label_studio_url}/user/login/")
    page.fill("input[name=email]", env["LABEL_STUDIO_USERNAME"])
    page.fill("input[name=password]", env["LABEL_STUDIO_PASSWORD"])
    page.click("button[type=submit]")
    page.wait_for_url(lambda url: "/user/login" not in url)
    return page


def project(loop: Loop, query: str = "") -> str:
    return f"{loop.stack.label_studio_url}/projects/{loop.project_id}/data?{query}"


def keep(page: Page, name: str) -> None:
    """Keep a screenshot, once animations have ended: for people to look at."""
    page.wait_for_timeout(1000)
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"annotator-{name}.png")


def loaded(page: Page, picture: Locator) -> None:
    picture.wait_for(timeout=60_000)
    page.wait_for_function(_LOADED, arg=picture.element_handle())


def start_labelling(page: Page, loop: Loop) -> None:
    """*Label All Tasks*, with the instructions read and closed by the keyboard."""
    page.goto(project(loop, "labeling=1"))
    page.get_by_text("Labeling Instructions").wait_for(timeout=60_000)
    page.keyboard.press("Escape")
    page.get_by_text("Labeling Instructions").wait_for(state="hidden")
    loaded(page, page.locator("img[alt=image]"))


def chosen(page: Page) -> list[str | None]:
    radios = page.locator("input[type=radio][name$=push_off]:checked").all()
    return [radio.get_attribute("name") for radio in radios]


def press(page: Page, key: str) -> dict[str, Any]:
    """Press a key that ends a task; the annotation as Label Studio stored it."""
    with page.expect_response(
        lambda answer: (
            answer.request.method == "POST"
            and "/annotations" in answer.url
            and "/api/tasks/" in answer.url
        )
    ) as answered:
        page.keyboard.press(key)
    annotation: dict[str, Any] = answered.value.json()
    return annotation


def waiting(loop: Loop, blind: bool = False) -> QueueEntry:
    """What was published for the first task of the queue that is blind, or is not."""
    places = shown(loop).places
    ids = [task["id"] for task in first_tasks(loop.services.studio, loop.project_id, 60)]
    return next(places[one] for one in ids if one in places and places[one].blind is blind)


@pytest.mark.parametrize("blind", [False, True])
@pytest.mark.parametrize("size", ["wide", "phone"])
def test_an_opened_frame_shows_the_suggestion(
    loop: Loop, browser: Browser, size: str, blind: bool
) -> None:
    """Whoever opens a task finds picture and strip, probability and this frame's reason, and a
    suggestion; a blind task has neither probability nor suggestion."""
    promoted(loop)
    told = waiting(loop, blind)
    publication = shown(loop)
    task = loop.services.studio.get(f"/api/tasks/{told.task_id}")
    regions = next(
        one["result"] for one in task["predictions"] if one["model_version"] == publication.name
    )
    suggested = [one["value"]["choices"][0] for one in regions if one["type"] == "choices"]
    assert len(suggested) == (0 if blind else 1)
    if blind:
        assert told.reason == BLIND_REASON
    else:
        assert told.reason.startswith(f"{suggested[0]} 0.") or f"{suggested[0]} 1." in told.reason
        assert told.reason.endswith(ACCEPT)
    page = signed_in(loop, browser, size)
    page.goto(project(loop, f"task={task['id']}"))
    loaded(page, page.locator("img[alt=image]"))
    loaded(page, page.locator(STRIP))
    page.get_by_text(told.reason).first.wait_for(timeout=30_000)
    if not blind:
        radios = page.locator("input[type=radio][name$=push_off]:checked")
        radios.first.wait_for(state="attached", timeout=30_000)
    keep(page, f"{size}{'-blind' if blind else ''}")
    assert chosen(page) == suggested
    page.close()


def test_the_definition_comes_first_with_two_pictures(loop: Loop, page: Page, size: str) -> None:
    """Before the first task, and served to whoever is signed in."""
    page.goto(project(loop, "labeling=1"))
    page.get_by_text("Labeling Instructions").wait_for(timeout=60_000)
    for number in range(2):
        loaded(page, page.locator("img[src*='media/instructions']").nth(number))
    expect(page.get_by_text("the toe still touches the ground")).to_be_visible()
    keep(page, f"{size}-instructions")


def test_a_frame_fits_on_the_screen_with_all_that_decides(
    loop: Loop, page: Page, size: str
) -> None:
    """Frame, strip, answers, line and rule are seen without scrolling."""
    promoted(loop)
    start_labelling(page, loop)
    loaded(page, page.locator(STRIP))
    keep(page, f"{size}-labelling")
    parts = [
        page.locator("img[alt=image]"),
        page.locator(STRIP),
        page.locator("input[type=radio][name=push_off]"),
        page.get_by_text("Mid-stance is not push_off"),
    ]
    bottom = page.get_by_test_id("bottombar-submit-button").bounding_box()
    assert bottom is not None
    for part in parts:
        place = part.last.bounding_box()
        assert place is not None
        assert place["y"] >= 0 and place["y"] + place["height"] <= bottom["y"], (part, place)
    strip = page.locator(STRIP).bounding_box()
    assert strip is not None and strip["width"] >= 0.4 * SIZES[size][0]


def test_frames_are_labelled_by_the_keyboard_alone(loop: Loop, page: Page) -> None:
    """Ctrl+Enter accepts the suggestion, a key and Ctrl+Enter overrule it, Ctrl+Space skips."""
    promoted(loop)
    start_labelling(page, loop)
    places = shown(loop).places
    done: set[str] = set()
    for _ in range(12):
        if len(done) == 3:
            break
        page.locator("input[type=radio][name=push_off]").wait_for(state="attached")
        page.wait_for_timeout(1500)  # the suggestion is copied into the annotation
        suggested = chosen(page)
        if "skipped" not in done:
            annotation = press(page, "Control+Space")
            assert annotation["was_cancelled"]
            done.add("skipped")
            continue
        if not suggested:  # blind
            assert places[press(page, "Control+Space")["task"]].blind
            continue
        if "accepted" not in done:
            annotation, expected = press(page, "Control+Enter"), suggested
            done.add("accepted")
        else:
            other = {"push_off": "2", "not_push_off": "1"}[str(suggested[0])]
            page.keyboard.press(other)
            expected = [label.choice for label in Label if label.choice != suggested[0]]
            annotation = press(page, "Control+Enter")
            done.add("overruled")
        answers = [
            one["value"]["choices"] for one in annotation["result"] if one["type"] == "choices"
        ]
        assert answers == [expected] and not annotation["was_cancelled"]
        assert annotation["parent_prediction"]
    assert done == {"skipped", "accepted", "overruled"}


def test_one_prediction_is_shown_of_several_publications(loop: Loop, page: Page) -> None:
    """The newest; its place in the queue is not shown as a percentage."""
    promoted(loop)
    task = first_tasks(loop.services.studio, loop.project_id, 1)[0]
    assert len(task["predictions"]) > 1
    page.goto(project(loop, f"task={task['id']}"))
    page.locator(PREDICTION_TAB).first.wait_for(timeout=60_000)
    tabs = [tab for tab in page.locator(PREDICTION_TAB).all() if tab.is_visible()]
    assert len(tabs) == 1
    assert "%" not in tabs[0].inner_text()


def test_news_is_read_while_labelling_and_in_the_list_of_projects(loop: Loop, page: Page) -> None:
    """After a refit, on the next frame, without any reload of settings."""
    promoted(loop)
    sentence = "20 labels: suggestions renewed; F1 within one frame 0.84 -> 0.91."
    announce(loop.services.studio, loop.project_id, sentence)
    start_labelling(page, loop)
    expect(page.get_by_text(sentence).first).to_be_visible(timeout=30_000)
    page.goto(f"{loop.stack.label_studio_url}/projects")
    news = page.get_by_text("20 labels: suggestions renewed").first
    expect(news).to_be_visible(timeout=30_000)


def test_tabs_are_those_that_annotators_ask_for(loop: Loop, page: Page, size: str) -> None:
    """What is open, what one has labelled oneself, what was skipped."""
    page.goto(project(loop))
    for title in (TO_LABEL, "Labelled by", SKIPPED):
        expect(page.get_by_text(title).first).to_be_visible(timeout=60_000)
    keep(page, f"{size}-tabs")
