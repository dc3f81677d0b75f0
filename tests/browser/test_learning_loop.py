"""The loop that coaches close: checked in Chromium, learnt at night, better for the next video."""

import dataclasses
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from pushoff.coach.accounts import authenticate
from pushoff.coach.corrections import Correction, record_correction
from pushoff.coach.session_files import load_analysis, save_newer_analysis
from pushoff.coach.sessions import CoachSession, change_session, get_session
from pushoff.events.values import Foot
from pushoff.synthetic.render import DrillTruth, render_drill
from tests.coach_rig import PASSWORD, CoachRig, coach_rig, spec

pytestmark = pytest.mark.timeout(900)
ATHLETES = ("bea", "cem")
"""Of whom nothing was learnt before: with those of the clips enough push-offs for proof, and fewer
sessions than those after which a training is requested at once."""
PUSH_OFFS = 8


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CoachRig]:
    """A service of its own: what it learns changes the model. There is no Label Studio."""
    with coach_rig(Path(tmp_path_factory.mktemp("loop"))) as opened:
        yield opened


@pytest.fixture
def visit_rig(browser: Browser, rig: CoachRig) -> Iterator[Callable[[str], Page]]:
    """`visit_rig("carla")`: a page of this service, signed in."""
    from backend.coach.auth.session_auth import COOKIE

    contexts = []

    def page(name: str) -> Page:
        found = authenticate(rig.services.database, name, PASSWORD)
        assert found is not None
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        context.add_cookies(
            [{"name": COOKIE, "value": found[1], "domain": "127.0.0.1", "path": "/coach"}]
        )
        contexts.append(context)
        return context.new_page()

    yield page
    for context in contexts:
        context.close()


def rendered(rig: CoachRig, seed: int, athlete: str) -> tuple[Path, DrillTruth]:
    video = rig.folder / f"{athlete}.mp4"
    return video, render_drill(video, spec(seed, athlete=athlete, push_offs=PUSH_OFFS))


def correct(rig: CoachRig, session: CoachSession, truth: DrillTruth) -> None:
    """Say of every push-off what is true, as a coach would on the timeline."""
    database, coach = rig.services.database, rig.accounts["carla"]
    analysis = load_analysis(rig.services.storage, session.session_id)
    seen = {
        frame: foot
        for frame, foot in zip(truth.push_off_frames, truth.feet, strict=True)
        if analysis.scores.athlete[frame]
    }
    for event in analysis.events:
        if event.frame not in seen:
            correction = Correction("delete", event.frame)
            record_correction(database, session.session_id, coach, correction)
    found = {event.frame for event in analysis.events}
    for frame, foot in seen.items():
        kind = "foot" if frame in found else "add"
        correction = Correction(kind, frame, foot=Foot(foot))
        record_correction(database, session.session_id, coach, correction)
        if kind == "foot":
            confirmed = Correction("move", frame, to_frame=frame)
            record_correction(database, session.session_id, coach, confirmed)


def champion(rig: CoachRig) -> str:
    found = rig.services.registry.champion()
    assert found is not None
    return found.version


def until(condition: Callable[[], bool], seconds: float = 300) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.5)


def test_checked_sessions_make_the_model_that_analyses_the_next_video(
    rig: CoachRig, visit_rig: Callable[[str], Page]
) -> None:
    """No command is typed: ticks, the nightly job, a promotion, a new upload, and the way back."""
    first = champion(rig)
    untouched = rig.ready(rig.video, athlete="untouched")
    assert untouched.model_version == first
    page = visit_rig("carla")
    for seed, athlete in enumerate(ATHLETES, 20):
        video, truth = rendered(rig, seed, athlete)
        session = rig.ready(video, athlete=athlete, footage="synthetic")
        correct(rig, session, truth)
        page.goto(f"{rig.url}/coach/sessions/{session.session_id}")
        expect(page.locator("#editor[data-ready]")).to_be_visible()
        tick = page.get_by_label("I have checked the whole video")
        expect(tick).not_to_be_checked()
        tick.check()
        expect(page.locator("#message")).to_have_text("Checked. Thank you.")
        page.reload()
        expect(page.locator("#editor[data-ready]")).to_be_visible()
        expect(tick).to_be_checked()

    job = rig.services.queue.request.nightly_by_hand()
    assert rig.services.queue.jobs.wait(job, timeout_s=120).state == "finished"
    until(lambda: champion(rig) != first)
    second = champion(rig)
    registered = rig.services.registry.get(second)
    assert registered.progress.new_sessions == len(ATHLETES)
    assert registered.scorecard is not None and registered.scorecard.split_by == "athlete"

    video, _ = rendered(rig, 31, "ella")
    assert rig.ready(video, athlete="ella").model_version == second

    def analysed_by() -> str | None:
        return get_session(rig.services.database, untouched.session_id).model_version

    until(lambda: analysed_by() == second)

    page.goto(f"{rig.url}/coach/models")
    expect(page.get_by_text("Since your last 2 checked sessions")).to_be_visible()
    page = visit_rig("root")
    page.goto(f"{rig.url}/coach/models")
    page.get_by_role("button", name="Roll back to the previous champion").click()
    expect(page.get_by_text("Champion:")).to_contain_text(first)
    assert champion(rig) == first
    until(lambda: analysed_by() == first)


def test_a_newer_model_s_difference_is_taken_over(
    rig: CoachRig, visit_rig: Callable[[str], Page]
) -> None:
    """A push-off that somebody deleted stays deleted, until the coach agrees with the model."""
    session = rig.ready(rig.video, athlete="differs")
    analysis = load_analysis(rig.services.storage, session.session_id)
    certain = tuple(dataclasses.replace(event, probability=0.95) for event in analysis.events)
    missed = certain[0].frame
    deleted = Correction("delete", missed)
    record_correction(rig.services.database, session.session_id, rig.accounts["carla"], deleted)
    newer_analysis = dataclasses.replace(analysis, events=certain)
    save_newer_analysis(rig.services.storage, session.session_id, newer_analysis)
    change_session(rig.services.database, session.session_id, newer_version="a newer one")
    page = visit_rig("carla")
    page.goto(f"{rig.url}/coach/sessions/{session.session_id}")
    expect(page.locator("#editor[data-ready]")).to_be_visible()
    newer = page.locator("#newer")
    expect(newer.get_by_role("heading")).to_contain_text("A newer model sees this differently: 1")
    newer.get_by_role("button", name="Take over").click()
    expect(page.locator("#message")).to_have_text("Taken over.")
    expect(page.locator("#newer")).to_have_count(0)
    expect(page.locator(f".mark[data-frame='{missed}']")).to_be_visible()


def test_running_steps_and_toes_are_set_on_the_page(
    rig: CoachRig, visit_rig: Callable[[str], Page]
) -> None:
    """By buttons and keys; undo takes them back."""
    session = rig.ready(rig.video, athlete="steps and toes")
    page = visit_rig("anna")
    page.goto(f"{rig.url}/coach/sessions/{session.session_id}")
    expect(page.locator("#editor[data-ready]")).to_be_visible()
    page.locator(".mark").first.click()
    page.get_by_role("button", name="Running step", exact=True).click()
    expect(page.locator("#message")).to_have_text("It is a running step now.")
    page.keyboard.press("t")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading")).to_have_text("Toe of the selected push-off")
    dialog.get_by_role("button", name="Point 1").focus()
    page.keyboard.press("Shift+ArrowRight")
    dialog.get_by_role("button", name="Save").click()
    expect(page.locator("#message")).to_have_text("Toe placed.")
    kinds = [
        one["kind"]
        for one in page.evaluate(
            f"fetch('{rig.url}/coach/sessions/{session.session_id}/report.json')"
            ".then((answer) => answer.json())"
        )["corrections"]
    ]
    assert kinds == ["approach", "toe"]
    for _ in range(2):
        page.get_by_role("button", name="Undo").click()
        expect(page.locator("#message")).to_have_text("Undone.")
