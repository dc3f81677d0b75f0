"""What an annotator of whole videos sees and does, in a real Chromium on the real Label Studio.

These prove what `pushoff.studio.timeline.spans` says of Label Studio's frame numbers.
"""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from pushoff.storage.object_store import Storage
from pushoff.storage.video_predictions import VideoPredictions
from pushoff.storage.videos import add_video, preview_key
from pushoff.studio.client import LabelStudioClient, connect
from pushoff.studio.config.label_config import parse_label_config
from pushoff.studio.config.timeline import build_timeline_config
from pushoff.studio.predictions import activate_version
from pushoff.studio.project import create_project
from pushoff.studio.tasks import create_tasks, list_tasks
from pushoff.studio.timeline.spans import is_complete, spans_in
from pushoff.studio.timeline.tasks import (
    VideoSuggestion,
    event_regions,
    push_suggestions,
    video_task,
)
from pushoff.values import Exercise, Label
from pushoff.video.preview import PREVIEW_FPS, VideoWriter
from tests.browser.conftest import PICTURES
from tests.integration.label_studio import (
    LabelStudioServer,
    required_label_studio,
)
from tests.integration.studio_rig import plan, tiny_backend

pytestmark = pytest.mark.timeout(600)
FRAMES = 120
"""Two seconds of preview: half a second at 240/s."""
PUSH_OFF = 33
INTERFACE = parse_label_config(build_timeline_config())
FRAME_NOW = """async frame => {
    const tags = [...window.Htx.annotationStore.selected.names.values()];
    const tag = tags.find(one => one.type === 'video');
    tag.setFrame(frame);
    const video = document.querySelector('video');
    await new Promise(done => setTimeout(done, 300));
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
    const pen = canvas.getContext('2d');
    pen.drawImage(video, 0, 0);
    return pen.getImageData(100, 100, 1, 1).data[0];
}"""
"""Goes to Label Studio's frame and returns the grey of the picture shown."""


@pytest.fixture(scope="module")
def label_studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabelStudioServer]:
    """A Label Studio for these tests."""
    folder = tmp_path_factory.mktemp("label-studio")
    with required_label_studio(folder) as server:
        yield server


@pytest.fixture
def studio(label_studio: LabelStudioServer) -> Iterator[LabelStudioClient]:
    """Our connection to it."""
    connected = connect(label_studio.url, label_studio.pat())
    yield connected
    connected.close()


@pytest.fixture
def task(
    studio: LabelStudioClient, label_studio: LabelStudioServer, tmp_path: Path
) -> tuple[int, int]:
    """(project, task) of a video whose grey says which frame it is: 40 + frame; one push-off is
    filled in."""
    storage = Storage(str(label_studio.storage_root))
    video = tmp_path / "video.mp4"
    with VideoWriter(video, Fraction(PREVIEW_FPS)) as writer:
        for frame in range(FRAMES):
            writer.write(np.full((192, 320, 3), 40 + frame, np.uint8))
    session = add_video(
        storage, video, athlete="ada", exercise=Exercise.HOPS, capture_fps=240, footage="synthetic"
    )
    storage.write_file(preview_key(session.video_id), video)
    with tiny_backend() as backend:
        project = create_project(studio, plan(backend, storage.url, timeline=True)).project_id
    create_tasks(studio, project, [video_task(storage, session)], INTERFACE.video_key)
    [made] = list_tasks(studio, project)
    clock_s = [frame / 240 for frame in range(FRAMES)]
    spotted = VideoPredictions("spotter-v1", ((PUSH_OFF, 0.9),))
    regions = event_regions(INTERFACE, spotted, clock_s)
    push_suggestions(studio, project, [VideoSuggestion(made.id, regions, 0.9)], "spotter-v1")
    activate_version(studio, project, "spotter-v1")
    return project, made.id


@pytest.fixture
def page(
    browser: Browser, label_studio: LabelStudioServer, task: tuple[int, int]
) -> Iterator[Page]:
    """The video's task, opened, its video ready."""
    opened = browser.new_page(viewport={"width": 1400, "height": 1000})
    opened.goto(f"{label_studio.url}/user/login/")
    opened.fill("input[name=email]", label_studio.email)
    opened.fill("input[name=password]", label_studio.password)
    opened.click("button[type=submit]")
    opened.wait_for_url(lambda url: "/user/login" not in url)
    opened.goto(f"{label_studio.url}/projects/{task[0]}/data?task={task[1]}")
    opened.wait_for_selector("video", state="attached", timeout=60_000)
    opened.wait_for_function("document.querySelector('video').readyState === 4")
    opened.locator(".lsf-keypoints__lifespan").first.wait_for(timeout=30_000)
    opened.wait_for_timeout(1000)  # panels still find their place
    yield opened
    opened.close()


def submitted(page: Page, studio: LabelStudioClient, task: tuple[int, int]) -> dict:
    """Press Submit; the only annotation of the task once Label Studio has it."""
    with page.expect_response(
        lambda answer: "/annotations" in answer.url and answer.request.method == "POST"
    ):
        page.get_by_role("button", name="Submit").click()
    [one] = studio.get(f"/api/tasks/{task[1]}/annotations/")
    return one


def frame_x(page: Page, frame: int) -> float:
    """Where on the timeline our frame is, pixels from the left."""
    names = page.locator(".lsf-timeline-frames__labels-bg").bounding_box()
    now = page.locator(".lsf-timeline-frames__indicator").bounding_box()
    assert names is not None and now is not None
    return names["x"] + names["width"] + (frame + 0.5) * now["width"]


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Press, move in small steps, let go."""
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=8)
    page.mouse.up()
    page.wait_for_timeout(300)


def test_label_studio_counts_the_videos_frames_from_one(page: Page, label_studio) -> None:
    """Its frame n shows the video's frame n - 1, wherever it is sought, to the last one."""
    length = "[...window.Htx.annotationStore.selected.names.values()].find(o => o.type === 'video')"
    assert page.evaluate(f"{length}.length") == FRAMES
    for number in (1, 2, 34, 77, FRAMES):
        assert page.evaluate(FRAME_NOW, number) == pytest.approx(40 + number - 1, abs=1)


def test_a_pre_filled_video_is_submitted_as_it_stands(page: Page, studio, task) -> None:
    """The annotator sees the suggested span on the timeline, ticks that this is all, submits."""
    span = page.locator(".lsf-keypoints__lifespan").bounding_box()
    assert span is not None
    middle = span["x"] + span["width"] / 2
    assert middle == pytest.approx(frame_x(page, PUSH_OFF - 1.5), abs=3)
    assert page.get_by_text("Every push-off of this video is marked").is_visible()
    page.keyboard.press("3")
    expect(page.get_by_role("checkbox", name="Every push-off")).to_be_checked(timeout=10_000)
    page.wait_for_timeout(1000)
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / "video-task.png")
    one = submitted(page, studio, task)
    [said] = spans_in(one, INTERFACE)
    assert (said.first, said.last, said.label) == (PUSH_OFF - 3, PUSH_OFF, Label.PUSH_OFF)
    assert is_complete(one, INTERFACE)
    assert one["parent_prediction"] is not None and one["lead_time"] is not None
    [exported] = studio.get(f"/api/projects/{task[0]}/export", exportType="JSON")
    assert spans_in(exported["annotations"][0]["prediction"], INTERFACE) == [said]


def test_a_span_is_drawn_and_a_suggested_one_is_moved_with_the_mouse(page: Page, studio, task):
    """Both ends count; a moved suggestion does not tell that it was moved, a drawn span does."""
    row = page.locator(".lsf-keypoints__lifespan").bounding_box()
    assert row is not None
    y = row["y"] + row["height"] / 2
    drag(page, (frame_x(page, PUSH_OFF), y), (frame_x(page, PUSH_OFF + 2), y))
    page.keyboard.press("Escape")
    page.keyboard.press("1")
    page.wait_for_timeout(300)
    drag(page, (frame_x(page, 10), y + 40), (frame_x(page, 12), y + 40))
    page.screenshot(path=PICTURES / "video-task-drawn.png")
    one = submitted(page, studio, task)
    moved, drawn = spans_in(one, INTERFACE)
    assert (moved.first, moved.last) == (PUSH_OFF - 3, PUSH_OFF + 2)
    assert (drawn.first, drawn.last) == (10, 12)
    assert [region["origin"] for region in one["result"]] == ["prediction", "manual"]
    assert not is_complete(one, INTERFACE)
