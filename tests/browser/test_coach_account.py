"""One's own account: an API token from its creation to its end, in a real Chromium."""

from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SIZES, no_serious_violations, picture
from tests.browser.test_coach_admin import fits
from tests.coach_rig import CoachRig

pytestmark = pytest.mark.timeout(300)
Visit = Callable[..., Page]


@pytest.mark.parametrize("size", SIZES)
def test_a_token_reads_until_it_is_revoked(coach: CoachRig, visit: Visit, size: str) -> None:
    """Created and revoked without a script; shown once; the list says when it was used."""
    page, name = visit("otto", size, java_script_enabled=False), f"script {size}"
    page.goto(f"{coach.url}/coach")
    page.get_by_role("link", name="otto").click()
    page.get_by_label("Name, such as").fill(name)
    page.get_by_role("button", name="Create").click()
    token = page.locator("#new-token").inner_text()
    picture(page, f"coach-account-{size}")
    assert fits(page)

    def sessions() -> int:
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.get(f"{coach.url}/coach/api/sessions", headers=headers).status_code

    assert sessions() == 200
    page.goto(f"{coach.url}/coach/account")
    assert token not in page.content()
    row = page.locator("li", has_text=name)
    expect(row).to_contain_text("last used")
    row.get_by_role("button", name="Revoke").click()
    expect(page.locator("li", has_text=name)).to_have_count(0)
    assert sessions() == 401


@pytest.mark.parametrize("size", SIZES)
def test_the_account_page_is_accessible(visit: Visit, coach: CoachRig, size: str) -> None:
    """axe finds nothing serious."""
    page = visit("otto", size)
    page.goto(f"{coach.url}/coach/account")
    no_serious_violations(page)
