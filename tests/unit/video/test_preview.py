"""The video a browser plays shows every frame of the video, each at its place."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from pushoff.errors import StorageFailed, VideoProblem
from pushoff.video.decoding.probe import probe
from pushoff.video.preview import (
    PREVIEW_FPS,
    PREVIEW_WIDTH_PX,
    VideoWriter,
    read_preview_images,
    write_preview,
)
from tests.videos import refused

COUNT = 36


def shade(frame: int) -> int:
    """Every frame has a grey of its own."""
    return 20 + 6 * frame


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A video at 240/s, wider than a preview, whose frames tell their number by their grey."""
    path = tmp_path_factory.mktemp("video") / "video.mp4"
    with VideoWriter(path, Fraction(240)) as writer:
        for frame in range(COUNT):
            writer.write(np.full((360, 1281, 3), shade(frame), np.uint8))
    return path


@pytest.fixture(scope="module")
def preview(video: Path) -> Path:
    path = video.with_name("preview.mp4")
    assert write_preview(video, probe(video, None), path) == COUNT
    return path


def test_every_frame_is_there_at_its_time(preview: Path) -> None:
    """Frame k of the video is shown from k / 60 s on, whatever rate it was filmed at."""
    with av.open(str(preview)) as container:
        stream = container.streams.video[0]
        shown = [(frame.pts * stream.time_base, frame) for frame in container.decode(stream)]
    assert [time for time, _ in shown] == [Fraction(k, PREVIEW_FPS) for k in range(COUNT)]
    for frame, (_, picture) in enumerate(shown):
        assert abs(picture.to_ndarray(format="rgb24").mean() - shade(frame)) < 3.5


def test_browsers_play_it(preview: Path) -> None:
    """It is H.264 in 4:2:0, no wider than a page needs, with its index in front."""
    with av.open(str(preview)) as container:
        stream = container.streams.video[0]
        assert stream.codec_context.name == "h264"
        assert stream.codec_context.pix_fmt == "yuv420p"
        assert stream.codec_context.width == PREVIEW_WIDTH_PX
    start = preview.read_bytes()[:4096]
    assert b"moov" in start


@pytest.mark.parametrize("wanted", [[0], [35], [13, 11, 12], [5, 30, 5], range(COUNT)])
def test_pictures_are_the_frames_asked_for(preview: Path, wanted: list[int]) -> None:
    """Any frames, in any order, come back as the frames of those numbers."""
    found = read_preview_images(preview, wanted)
    assert set(found) == set(wanted)
    for frame, picture in found.items():
        assert abs(picture.mean() - shade(frame)) < 3.5


def test_frames_outside_are_left_out(preview: Path) -> None:
    """A frame before the video or after its end is not made up."""
    assert set(read_preview_images(preview, [-1, 3, COUNT, 10_000])) == {3}


def test_a_damaged_preview_says_what_to_do(tmp_path: Path) -> None:
    """A preview that is none is refused with what to do."""
    path = tmp_path / "preview.mp4"
    path.write_bytes(b"not a video")
    with refused(VideoProblem.PREVIEW_DAMAGED):
        read_preview_images(path, [0])


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """Where nothing can be written it is storage that failed, in words."""
    with (
        pytest.raises(StorageFailed, match="cannot be written"),
        VideoWriter(tmp_path / "no" / "folder.mp4", Fraction(60)),
    ):
        pass
