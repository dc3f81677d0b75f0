"""What every page of the coach's page promises: small, of one origin, readable, never too wide."""

from collections.abc import Callable, Iterator
from datetime import date

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from pushoff.coach.accounts import Role, add_account
from pushoff.coach.sessions import (
    CoachSession,
    SessionDetails,
    State,
    change_session,
    create_session,
)
from pushoff.errors import VideoProblem
from pushoff.queue import job_ids
from pushoff.values import Exercise
from tests.analyzed_session import create_analyzed_session
from tests.browser.conftest import SIZES, no_serious_violations, picture
from tests.coach_rig import ATHLETE, PASSWORD, CoachRig
from tests.coach_sessions import SCALE, kept_session

pytestmark = pytest.mark.timeout(300)
FIRST_PAGES_BYTES = 200_000
PEOPLE = {"Karla Überschwänglichkeitsbeauftragte": Role.COACH, "Nora": Role.COACH}
COACH, NEW = PEOPLE
REASONS = {
    State.UPLOADING: None,
    State.WAITING: None,
    State.FAILED: "The video plays at 30 frames/s, but its metadata says that the camera "
    "recorded at 240. Enter 240 as the camera's frame rate.",
}
PAGES = {
    "sign-in": (COACH, "/sign-in"),
    "list-empty": (NEW, ""),
    "list": (COACH, ""),
    "list-nothing-found": (COACH, "?q=nobody"),
    "upload": (COACH, "/upload"),
    "uploading": (COACH, "/sessions/{uploading}"),
    "waiting": (COACH, "/sessions/{waiting}"),
    "failed": (COACH, "/sessions/{failed}"),
    "session": (COACH, "/sessions/{ready}"),
    "session-empty": (COACH, "/sessions/{empty}"),
    "compare": (COACH, "/compare?a={ready}&b={later}"),
    "compare-nothing": (COACH, "/compare?a={ready}&b={empty}"),
    "trend": (COACH, "/sessions/{ready}/trend"),
    "delete": (COACH, "/sessions/{ready}/delete"),
    "models": ("root", "/models"),
    "accounts": ("root", "/accounts"),
    "error": (COACH, "/sessions/ffffffffffffffff"),
}
"""Who opens it, and where under the coach's page; names in braces are `sessions`."""


@pytest.fixture(scope="module")
def sessions(coach: CoachRig) -> Iterator[dict[str, str]]:
    """Ids of a coach's sessions: one in each state, and two more to compare with. No worker runs,
    so what waits goes on waiting."""
    coach.kill("worker")
    services = coach.services
    karla, _ = (add_account(services.database, *one, PASSWORD) for one in PEOPLE.items())
    details = SessionDetails(
        ATHLETE, Exercise.HOPS, date(2026, 11, 21), None, f"{'GX' * 60}.mp4", 1, "synthetic"
    )
    made: dict[str, CoachSession] = {}
    for state, reason in REASONS.items():
        code = VideoProblem.CAPTURE_RATE_UNKNOWN if reason else None
        made[state.value] = create_session(services.database, karla, details, consent=True)
        change_session(
            services.database,
            made[state.value].session_id,
            state=state,
            reason=reason,
            reason_code=code,
        )
    more = {"athlete": ATHLETE, "exercise": Exercise.HOPS, "footage": "synthetic"}
    made["ready"] = create_analyzed_session(services, karla, ATHLETE)
    change_session(services.database, made["ready"].session_id, calibration=SCALE)
    later = date(2026, 11, 25)
    made["later"] = kept_session(services, karla, filmed_on=later, calibration=SCALE, **more)
    made["empty"] = kept_session(services, karla, pushes=(), feet=(), **more)
    ids = {name: session.session_id for name, session in made.items()}
    services.queue.request.analyze_session(ids["waiting"])
    yield ids
    services.queue.jobs.cancel(job_ids.analyze_session(ids["waiting"]))
    coach.start("worker")


def opened(page: Page, coach: CoachRig, where: str) -> list[str]:
    """Load the page and all it shows; returns the addresses that were asked for."""
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url))
    page.goto(coach.url + "/coach" + where, wait_until="load")
    for ready in ("#editor", "#compare"):
        if page.locator(ready).count():
            expect(page.locator(f"{ready}[data-ready]")).to_be_visible()
    page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
    return asked


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_can_be_read_by_everybody(
    coach: CoachRig, visit: Callable[..., Page], sessions: dict[str, str], name: str, size: str
) -> None:
    """With every fold open, by day and by night: nothing serious for axe, nothing too wide,
    nothing from elsewhere, and the library for uploads only where videos are uploaded."""
    who, where = PAGES[name]
    page = visit(who, size)
    asked = opened(page, coach, where.format_map(sessions))
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if wide > 0:
            picture(page, f"coach-too-wide-{name}-{size}-{scheme}")
        assert wide <= 0, f"{wide} px too wide"
        no_serious_violations(page)
        picture(page, f"coach-page-{name}-{size}-{scheme}")
    assert all(one.startswith((coach.url + "/", "data:", "blob:")) for one in asked), asked
    assert any("tus.min.js" in one for one in asked) == (name == "upload")


def test_the_first_pages_are_small(
    coach: CoachRig, browser: Browser, sessions: dict[str, str]
) -> None:
    """Signing in, the list and a session, but for its video, are under 200 kB over the wire."""
    weighed: dict[str, int] = {}

    def weigh(request: Request) -> None:
        if not request.url.endswith("/preview.mp4"):
            sizes = request.sizes()
            size = sizes["responseHeadersSize"] + sizes["responseBodySize"]
            weighed[request.url] = weighed.get(request.url, 0) + size

    page = browser.new_page()
    finished: list[Request] = []
    page.on("requestfinished", lambda request: finished.append(request))
    page.goto(f"{coach.url}/coach")
    page.get_by_label("Name").fill(COACH)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.locator(f"#session-{sessions['ready']} a").click()
    expect(page.locator("#editor[data-ready]")).to_be_visible()
    page.wait_for_load_state("networkidle")
    for request in finished:
        weigh(request)
    page.close()
    assert any("/static/session.js" in one for one in weighed)
    assert sum(weighed.values()) > 20_000
    heaviest = sorted(weighed.items(), key=lambda one: -one[1])[:8]
    print(sum(weighed.values()), heaviest)
    assert sum(weighed.values()) < FIRST_PAGES_BYTES, heaviest
