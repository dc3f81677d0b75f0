"""The coach's list and sign-in, in a real Chromium."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from pushoff.coach.accounts import Role, add_account
from tests.browser.conftest import SIZES, no_serious_violations, picture
from tests.coach_rig import ATHLETE, PASSWORD, CoachRig

pytestmark = pytest.mark.timeout(300)


@pytest.mark.parametrize("size", SIZES)
def test_a_coach_signs_in_and_finds_their_sessions(
    coach: CoachRig, browser: Browser, size: str
) -> None:
    """After name and password the list shows the athlete's name as it was typed, not as HTML."""
    session = coach.ready(coach.video)
    width, height = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    page.goto(f"{coach.url}/coach/sessions/{session.session_id}")
    page.get_by_label("Name").fill("carla")
    page.get_by_label("Password").fill(PASSWORD)
    no_serious_violations(page)
    picture(page, f"coach-sign-in-{size}")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"**/coach/sessions/{session.session_id}")
    expect(page.get_by_role("heading", level=1)).to_have_text(ATHLETE)
    page.goto(f"{coach.url}/coach")
    expect(page.get_by_text(ATHLETE).first).to_be_visible()
    overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert overflow <= 0
    no_serious_violations(page)
    picture(page, f"coach-list-{size}")
    context.close()


def test_another_coach_sees_nothing_of_it(coach: CoachRig, visit: Callable[..., Page]) -> None:
    """Neither the list nor the address of a session tells another coach that it exists."""
    session = coach.ready(coach.video)
    add_account(coach.services.database, "a coach without sessions", Role.COACH, PASSWORD)
    page = visit("a coach without sessions")
    page.goto(f"{coach.url}/coach")
    expect(page.get_by_text("No sessions yet")).to_be_visible()
    answer = page.goto(f"{coach.url}/coach/sessions/{session.session_id}")
    assert answer is not None
    assert answer.status == 404
