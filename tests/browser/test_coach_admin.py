"""Deleting, the living list, models and accounts, in a real Chromium."""

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from pushoff.coach.session_queries import list_sessions
from pushoff.coach.sessions import (
    State,
    change_session,
)
from pushoff.errors import VideoProblem
from pushoff.queue import job_ids
from pushoff.storage.assessments import save_assessment
from pushoff.synthetic.render import render_drill
from tests.browser.conftest import SIZES, picture
from tests.coach_rig import PASSWORD, CoachRig, spec
from tests.unit.active.assessed import assessment

pytestmark = pytest.mark.timeout(300)
Visit = Callable[..., Page]


def fits(page: Page) -> bool:
    """Nothing sticks out to the side."""
    return page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_a_session_under_way_becomes_ready_without_a_reload(coach: CoachRig, visit: Visit) -> None:
    """The list changes the row by itself, says so to screen readers, and then rests."""
    page = visit("otto")
    session = coach.add(coach.video, "otto", athlete="Lebendig")
    page.goto(f"{coach.url}/coach")
    page.evaluate("window.sameDocument = true")
    row = page.locator(f"#session-{session.session_id}")
    expect(row.locator(".badge")).to_contain_text("ready", timeout=120_000)
    expect(row.locator("img")).to_be_visible()
    expect(page.get_by_role("status")).to_contain_text("Lebendig: ready")
    assert page.evaluate("window.sameDocument")
    assert page.locator("[data-in-progress]").count() == 0


@pytest.mark.parametrize("size", SIZES)
def test_a_coach_deletes_a_session_everywhere(coach: CoachRig, visit: Visit, size: str) -> None:
    """Two clicks and no script: gone from the list at once, and from storage when the worker
    has been there."""
    gone = coach.ready(coach.video, athlete=f"Weg {size}")
    page = visit("carla", size, java_script_enabled=False)
    page.goto(f"{coach.url}/coach/sessions/{gone.session_id}")
    page.get_by_role("link", name="Delete…").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Delete everywhere?")
    picture(page, f"coach-delete-{size}")
    page.get_by_role("button", name="Delete everywhere").click()
    expect(page.get_by_text("The session has been deleted.")).to_be_visible()
    expect(page.get_by_text(f"Weg {size}")).to_have_count(0)
    done = coach.services.queue.jobs.wait(job_ids.delete_session(gone.session_id), timeout_s=60)
    assert done.state == "finished", done
    assert not [key for key in coach.services.storage.list("coach") if gone.session_id in key]


def test_a_session_deleted_while_it_is_read_leaves_nothing(coach: CoachRig) -> None:
    """The reading is stopped, and what it had made by then is deleted too."""
    storage = coach.services.storage
    video = coach.folder / "another.mp4"
    render_drill(video, spec(11))
    before = storage.list()
    session = coach.add(video)
    job_id = job_ids.analyze_session(session.session_id)
    deadline = time.monotonic() + 60
    while coach.services.queue.jobs.status(job_id).progress.stage in ("", "checking"):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    with coach.client() as client:
        answer = client.post(f"/coach/sessions/{session.session_id}/delete")
        assert answer.status_code == 303
    done = coach.services.queue.jobs.wait(job_ids.delete_session(session.session_id), timeout_s=90)
    assert done.state == "finished", done
    assert done.result["deleted"]
    assert coach.services.queue.jobs.status(job_id).state == "cancelled"
    assert storage.list() == before


@pytest.mark.parametrize("size", SIZES)
def test_a_long_list_is_searched_and_paged(coach: CoachRig, visit: Visit, size: str) -> None:
    """Many sessions with long German names: found by umlauts, leafed through by links."""
    names = ("Änne Sprunggelenkstabilisierungstrainingsgruppe", "Björn", "Ödön Weitsprunganlaufmaß")
    known = list_sessions(coach.services.database, coach.accounts["root"])[1]
    for number in range(max(0, 55 - known)):
        session = coach.add(coach.video, "otto", athlete=f"{names[number % 3]} {number}")
        coach.services.queue.jobs.cancel(job_ids.analyze_session(session.session_id))
        change_session(
            coach.services.database,
            session.session_id,
            state=State.FAILED,
            reason="The file is incomplete. Upload it again.",
            reason_code=VideoProblem.CUT_OFF,
        )
    page = visit("root", size)
    page.goto(f"{coach.url}/coach")
    picture(page, f"coach-long-list-{size}")
    assert fits(page)
    page.get_by_role("link", name="Older sessions").click()
    expect(page.get_by_text("51 to")).to_be_visible()
    page.get_by_label("Athlete or file").fill("ÖDÖN WEITSPRUNG")
    page.get_by_role("button", name="Search").click()
    expect(page.locator(".sessions strong").first).to_contain_text("Weitsprunganlaufmaß")
    expect(page.get_by_text("sessions found")).to_be_visible()
    page.get_by_label("Athlete or file").fill("gibt es nicht")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_text("No session matches")).to_be_visible()
    picture(page, f"coach-list-nothing-{size}")


@pytest.mark.parametrize("size", SIZES)
def test_models_are_shown_and_an_admin_changes_which_serves(
    coach: CoachRig, visit: Visit, size: str
) -> None:
    """Versions with what they are worth, and the labels; the training line lives; other roles find
    no button."""
    save_assessment(coach.services.storage, assessment())
    registry = coach.services.registry
    champion = registry.champion()
    page = visit("root", size)
    page.goto(f"{coach.url}/coach/models")
    expect(page.get_by_role("heading", name=champion.version)).to_be_visible(timeout=60_000)
    expect(page.get_by_text("first version").first).to_be_visible()
    expect(page.get_by_text("20 push-offs are needed").first).to_be_visible()
    expect(page.get_by_role("heading", name="Label quality, project 7")).to_be_visible()
    expect(page.get_by_role("img", name="Held-out F1 for 5 numbers of labels")).to_be_visible()
    expect(page.get_by_text("No training in progress.")).to_be_visible()
    asked = coach.services.queue.retrain.request(7, reason="a browser test")
    expect(page.get_by_text("Project 7: queued")).to_be_visible()
    picture(page, f"coach-models-{size}")
    assert fits(page)
    coach.services.queue.jobs.cancel(asked.job_id)
    expect(page.get_by_text("A training run has finished.")).to_be_visible()
    other = visit("carla", size)
    other.goto(f"{coach.url}/coach/models")
    expect(other.get_by_role("heading", name=champion.version)).to_be_visible()
    expect(other.get_by_role("button", name="Promote")).to_have_count(0)


@pytest.mark.parametrize("size", SIZES)
def test_an_admin_lets_somebody_in(coach: CoachRig, visit: Visit, size: str) -> None:
    """The password shown once opens the door; afterwards it is nowhere to be read."""
    page, name = visit("root", size), f"Neu <i>{size}</i>"
    page.goto(f"{coach.url}/coach/accounts")
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_role("button", name="Add", exact=True).click()
    password = page.locator(".notice code").inner_text()
    assert password != PASSWORD
    picture(page, f"coach-accounts-{size}")
    assert fits(page)
    context = page.context.browser.new_context()
    theirs = context.new_page()
    theirs.goto(f"{coach.url}/coach/sign-in")
    theirs.get_by_label("Name").fill(name)
    theirs.get_by_label("Password").fill(password)
    theirs.get_by_role("button", name="Sign in").click()
    expect(theirs.get_by_text("No sessions yet")).to_be_visible()
    context.close()
    page.goto(f"{coach.url}/coach/accounts")
    assert password not in page.content()
