"""The upload page, in a real Chromium, with real videos."""

import base64
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from pushoff.coach.session_queries import SessionFilter, list_sessions
from pushoff.coach.sessions import (
    State,
)
from pushoff.errors import CAPTURE_RATE_PROBLEMS, VideoProblem
from pushoff.synthetic.render import render_drill
from pushoff.video.decoding.probe import probe
from tests.browser.conftest import SIZES, picture
from tests.coach_rig import CoachRig, spec
from tests.videos import video

pytestmark = pytest.mark.timeout(300)
DROP = """([selector, files]) => {
  const moved = new DataTransfer();
  for (const [name, bytes, modified] of files)
    moved.items.add(new File([Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0))], name,
      { lastModified: modified }));
  document.querySelector(selector)
    .dispatchEvent(new DragEvent("drop", { dataTransfer: moved, bubbles: true, cancelable: true }));
}"""


def drop(page: Page, *files: Path) -> None:
    """Drag files onto the page and let go."""
    told = [[file.name, base64.b64encode(file.read_bytes()).decode(), 1000] for file in files]
    page.evaluate(DROP, ["#drop-zone", told])


def describe(page: Page, athlete: str) -> None:
    """Fill in the form."""
    page.get_by_label("Athlete", exact=True).fill(athlete)
    page.get_by_label("Exercise").select_option("hops")
    page.get_by_label("The athlete consented").check()


def row(page: Page, name: str) -> Locator:
    """The upload of a video."""
    return page.locator("#uploads > li").filter(has_text=name)


def slow(page: Page, bytes_per_s: int) -> None:
    """A phone's network from here on."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    limits = {"offline": False, "latency": 0, "downloadThroughput": -1}
    session.send("Network.emulateNetworkConditions", {**limits, "uploadThroughput": bytes_per_s})


@pytest.mark.parametrize("size", SIZES)
def test_two_videos_are_dropped_and_one_is_read(
    coach: CoachRig, visit: Callable[..., Page], tmp_path: Path, size: str
) -> None:
    """Each video dropped is a session of its own; its page shows the reading and then the
    report."""
    page = visit("carla", size)
    page.goto(f"{coach.url}/coach/upload")
    videos = [tmp_path / f"{name}-{size}.mp4" for name in ("monday", "tuesday")]
    for one in videos:
        one.write_bytes(coach.video.read_bytes())
    expect(page.get_by_role("button", name="Upload")).to_be_disabled()
    drop(page, *videos)
    describe(page, "Ada Überlängenfußgängerunterführung")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    picture(page, f"coach-upload-chosen-{size}")
    page.get_by_role("button", name="Upload 2 files").click()
    for one in videos:
        expect(row(page, one.name)).to_contain_text("Waiting for analysis", timeout=20_000)
    picture(page, f"coach-upload-done-{size}")
    row(page, videos[0].name).get_by_role("link").click()
    expect(page.locator("#progress")).to_have_count(0, timeout=90_000)
    assert "push-off" in page.inner_text("main")
    page.goto(f"{coach.url}/coach/upload")
    assert "Ada Überlängenfußgängerunterführung" in page.locator("#athletes option").evaluate_all(
        "all => all.map((one) => one.value)"
    )


def test_paused_closed_and_gone_on_with(
    coach: CoachRig, visit: Callable[..., Page], tmp_path: Path
) -> None:
    """Progress is seen; a pause holds; after the tab was closed and the server started again the
    same file goes on where it stopped, and the video is read."""
    page = visit("otto")
    page.goto(f"{coach.url}/coach/upload")
    slow(page, 20_000)
    video_path = tmp_path / "long.mp4"
    render_drill(video_path, spec(21, push_offs=4, width_px=640, height_px=360))
    drop(page, video_path)
    describe(page, "Otto's athlete")
    page.get_by_role("button", name="Upload", exact=True).click()
    mine = row(page, "long.mp4")
    expect(mine).to_contain_text(re.compile(r"B/s, .* left"), timeout=20_000)
    mine.get_by_role("button", name="Pause").click()
    expect(mine).to_contain_text("paused")
    picture(page, "coach-upload-paused-desktop")
    page.close(run_before_unload=False)
    coach.kill("backend")
    coach.start("backend")
    coach.wait_until_up()

    page = visit("otto", "phone")
    page.goto(f"{coach.url}/coach/upload")
    waiting = page.get_by_role("region", name="Interrupted uploads")
    expect(waiting).to_contain_text("long.mp4")
    here = int(re.search(r"(\d+) % received", waiting.inner_text())[1])
    assert here > 0
    picture(page, "coach-upload-unfinished-phone")
    sent: list[int] = []
    page.on(
        "request",
        lambda one: (
            sent.append(int(one.headers["upload-offset"])) if one.method == "PATCH" else None
        ),
    )
    drop(page, video_path)
    expect(row(page, "long.mp4")).to_contain_text("Waiting for analysis", timeout=20_000)
    assert sent[0] > 0
    expect(waiting).to_be_hidden()
    sessions, _ = list_sessions(
        coach.services.database, coach.accounts["otto"], SessionFilter("long.mp4")
    )
    assert [coach.read(one.session_id).state for one in sessions] == [State.READY]


def test_chapters_become_one_session(
    coach: CoachRig, visit: Callable[..., Page], tmp_path: Path
) -> None:
    """Two GoPro chapters, dropped in the wrong order, are one video of both their frames."""
    page = visit("carla")
    page.goto(f"{coach.url}/coach/upload")
    chapters = [tmp_path / f"GH0{number}0123.MP4" for number in (1, 2)]
    frames = [render_chapter(path, seed) for seed, path in zip((31, 31), chapters, strict=True)]
    drop(page, *reversed(chapters))
    describe(page, "Chapters")
    page.get_by_role("button", name="Upload 2 files").click()
    mine = row(page, "GH010123.MP4 + GH020123.MP4")
    expect(mine).to_contain_text("Waiting for analysis", timeout=20_000)
    sessions, _ = list_sessions(
        coach.services.database, coach.accounts["carla"], SessionFilter("GH01")
    )
    assert len(sessions) == 1
    assert coach.read(sessions[0].session_id).state is State.READY
    with coach.client() as client:
        told = client.get(f"/coach/sessions/{sessions[0].session_id}/report.json").json()
    assert told["report"]["video"]["frames"] == sum(frames), json.dumps(told["report"])[:500]


def render_chapter(path: Path, seed: int) -> int:
    """A small drill; returns its frames."""
    rendered = path.with_suffix(".mp4")
    render_drill(rendered, spec(seed))
    if rendered != path:
        rendered.rename(path)
    return probe(path, None).declared_frames or 0


def test_a_video_that_cannot_be_read_says_why(
    coach: CoachRig, visit: Callable[..., Page], tmp_path: Path
) -> None:
    """A file that was cut off fails with a sentence to act on, and no name of ours in it."""
    whole = coach.video.read_bytes()
    (tmp_path / "cut.mp4").write_bytes(whole[: len(whole) // 2])
    page = visit("carla", "phone")
    page.goto(f"{coach.url}/coach/upload")
    drop(page, tmp_path / "cut.mp4")
    describe(page, "Cut")
    page.get_by_role("button", name="Upload", exact=True).click()
    row(page, "cut.mp4").get_by_role("link").click()
    stage = page.locator("#stage")
    expect(stage).to_have_text("The file is incomplete. Upload it again.", timeout=60_000)
    expect(page.get_by_text("slow motion")).to_have_count(0)
    picture(page, "coach-upload-cut-off-phone")


def test_a_refusal_is_shown_before_anything_is_sent(
    coach: CoachRig, visit: Callable[..., Page], tmp_path: Path
) -> None:
    """What is no video is refused on the page, and what was filled in stays."""
    (tmp_path / "notes.txt").write_text("no video")
    page = visit("carla")
    page.goto(f"{coach.url}/coach/upload")
    drop(page, tmp_path / "notes.txt")
    describe(page, "Refused")
    page.get_by_role("button", name="Upload", exact=True).click()
    expect(page.get_by_role("alert").first).to_contain_text("notes.txt is not a supported video")
    expect(page.get_by_label("Athlete", exact=True)).to_have_value("Refused")
    picture(page, "coach-upload-refused-desktop")


def test_the_camera_s_rate_is_asked_for_and_the_video_read_again(
    coach: CoachRig, visit: Callable[..., Page], tmp_path: Path
) -> None:
    """A phone's slow motion that says 30 fails with the question, and its answer has it read."""
    path = video(
        tmp_path / "slow.mp4",
        rate=30,
        frames=60,
        size=(320, 180),
        tags={"com.android.capture.fps": "240"},
        container={"movflags": "use_metadata_tags"},
    )
    session = coach.add(path, filename="slow.mp4")
    failed = coach.read(session.session_id)
    assert failed.reason_code == VideoProblem.CAPTURE_RATE_UNKNOWN
    assert "240" in (failed.reason or "")
    page = visit("carla")
    page.goto(f"{coach.url}/coach/sessions/{session.session_id}")
    picture(page, "coach-upload-rate-desktop")
    page.get_by_label("frames per second").fill("240")
    page.get_by_role("button", name="Analyse again").click()
    page.wait_for_url("**/sessions/*")
    again = coach.read(session.session_id)
    assert again.details.capture_fps == 240
    assert again.reason_code not in CAPTURE_RATE_PROBLEMS
