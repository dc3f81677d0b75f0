"""Frames of stored videos as pictures."""

import dataclasses

import pytest

from pushoff.storage.object_store import Storage
from pushoff.storage.videos import add_video, media_key, strip_key
from pushoff.synthetic.render import DrillSpec, render_drill
from pushoff.values import Box, Exercise, Label, LabelledFrame
from pushoff.workflows.steps.frame_images import write_frames, write_labelled


@pytest.fixture(scope="module")
def video(tmp_path_factory) -> tuple[Storage, str]:
    """A rendered drill in storage, and its id."""
    folder = tmp_path_factory.mktemp("video")
    spec = DrillSpec(seed=1, exercise=Exercise.HOPS, push_offs=2, capture_fps=60)
    small = dataclasses.replace(spec, width_px=320, height_px=180, second_person=None)
    render_drill(folder / "video.mp4", small)
    storage = Storage(str(folder / "storage"))
    session = add_video(
        storage, folder / "video.mp4", athlete="ada", exercise=Exercise.HOPS, capture_fps=60
    )
    return storage, session.video_id


def test_frames_are_written_once(video):
    """JPEGs where Label Studio finds them; what is there already is left alone."""
    storage, video_id = video
    assert write_frames(storage, video_id, [3, 9, 3]) == 2
    assert storage.read(media_key(video_id, 9)).startswith(b"\xff\xd8\xff")
    assert write_frames(storage, video_id, [3, 9]) == 0


def test_a_strip_is_written_beside_the_frame(video):
    """Where the athlete's place is known; also for a frame that was written without one before."""
    storage, video_id = video
    boxes = [Box(100, 40, 60, 120)] * 60
    write_frames(storage, video_id, [14])
    assert not storage.exists(strip_key(video_id, 14))
    assert write_frames(storage, video_id, [14, 15], boxes) == 2
    for index in (14, 15):
        assert storage.read(strip_key(video_id, index)).startswith(b"\xff\xd8\xff")
    assert not storage.exists(media_key(video_id, 16))
    assert write_frames(storage, video_id, [14, 15], boxes) == 0


def test_only_frames_of_whole_videos_are_written(video):
    """Frames that are tasks of their own have a picture; a video that is gone has none."""
    storage, video_id = video
    frame = LabelledFrame(
        1, "/x.jpg", Label.PUSH_OFF, "ada", video_id, "real", None, 0.1, False, 20
    )
    single = dataclasses.replace(frame, frame_index=None)
    gone = dataclasses.replace(frame, video_id="0" * 16)
    assert write_labelled(storage, [single, gone]) == 0
    assert write_labelled(storage, [frame, frame]) == 1
    assert storage.exists(media_key(video_id, 20))
