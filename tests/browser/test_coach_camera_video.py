"""A video as an action camera writes it, from the upload page to the report, in a real Chromium."""

import io
import re
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import pytest
from playwright.sync_api import Page, expect

from pushoff.synthetic.render import render_drill
from tests.browser.conftest import picture
from tests.browser.test_coach_upload import describe, row, slow
from tests.coach_rig import CoachRig, spec

pytestmark = pytest.mark.timeout(300)
SIZE = (2704, 1520)
RATE = 240
FRAMES = 170


@pytest.fixture(scope="module")
def camera_video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """2.7K at 240/s in HEVC: a drill rendered small, its first pictures scaled up."""
    folder = tmp_path_factory.mktemp("camera")
    small, large = folder / "small.mp4", folder / "GX010042.MP4"
    render_drill(small, spec(5, push_offs=2, capture_fps=RATE, width_px=676, height_px=380))
    options = {"preset": "ultrafast", "crf": "18", "x265-params": "log-level=none:keyint=24"}
    with av.open(str(small)) as source, av.open(str(large), "w", format="mp4") as out:
        track = out.add_stream("libx265", Fraction(RATE), options=options)
        track.width, track.height = SIZE
        track.pix_fmt, track.codec_context.codec_tag = "yuv420p", "hvc1"
        for number, frame in enumerate(source.decode(video=0)):
            if number == FRAMES:
                break
            scaled = frame.reformat(*SIZE, format="yuv420p", interpolation="FAST_BILINEAR")
            scaled.pts, scaled.time_base = number, Fraction(1, RATE)
            out.mux(track.encode(scaled))
        out.mux(track.encode())
    return large


def test_a_camera_s_video_over_a_line_that_drops(
    coach: CoachRig, visit: Callable[..., Page], camera_video: Path
) -> None:
    """Cut off on its way it goes on where it stopped; it is read to the end; the browser plays it
    though the video is HEVC; the report says what the camera filmed."""
    page = visit("carla")
    page.goto(f"{coach.url}/coach/upload")
    size = camera_video.stat().st_size
    slow(page, size // 6)
    page.locator("#files").set_input_files(camera_video)
    describe(page, "Camera")
    offsets: list[int] = []
    page.on(
        "request",
        lambda one: (
            offsets.append(int(one.headers["upload-offset"])) if one.method == "PATCH" else None
        ),
    )
    page.get_by_role("button", name="Upload", exact=True).click()
    mine = row(page, camera_video.name)
    expect(mine).to_contain_text(re.compile(r"B/s, .* left"), timeout=20_000)
    coach.kill("backend")
    expect(mine).to_contain_text("reconnecting", timeout=10_000)
    coach.start("backend")
    coach.wait_until_up()
    expect(mine).to_contain_text("Waiting for analysis", timeout=60_000)
    assert offsets[0] == 0 < offsets[-1] < size
    mine.get_by_role("link", name="Show progress").click()
    expect(page.locator("#headline")).to_be_visible(timeout=120_000)
    page.get_by_text("Accuracy and method").click()
    expect(page.locator("#report")).to_contain_text(f"{SIZE[0]} × {SIZE[1]} px, {FRAMES} frames.")
    expect(page.locator("#report")).to_contain_text(f"Recorded at {RATE} frames/s")
    plays(page)
    picture(page, "coach-camera-video")
    with coach.client() as client:
        preview = client.get(page.url.removeprefix(coach.url) + "/preview.mp4").content
    with av.open(io.BytesIO(preview)) as opened:
        track = opened.streams.video[0]
        assert (track.codec_context.name, track.frames) == ("h264", FRAMES)


def plays(page: Page) -> None:
    """The video's pictures are there, and go by."""
    page.wait_for_function("() => document.getElementById('video').readyState >= 2")
    video = "document.getElementById('video')"
    assert page.evaluate(f"{video}.error") is None
    assert page.evaluate(f"{video}.videoWidth") == 960
    page.evaluate(f"{video}.play()")
    page.wait_for_function(f"() => {video}.currentTime > 0.2")
