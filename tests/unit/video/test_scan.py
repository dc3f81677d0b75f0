import re

import numpy as np
import pytest

from pushoff.errors import VideoRefused
from pushoff.util.progress import Progress
from pushoff.video.decoding.decode import decode
from pushoff.video.decoding.probe import probe
from pushoff.video.scan import SCAN_WIDTH_PX, scan_video
from tests.videos import sound_only, video


def test_a_video_watched_once(tmp_path):
    """What it is, when its frames are and the small grey pictures, one for each frame."""
    path = video(tmp_path / "a.mp4", frames=12, size=(640, 360))
    with scan_video(path, None) as watched:
        small = decode(path, watched.info, max_width_px=SCAN_WIDTH_PX, gray=True)
        every = np.stack([frame.image for frame in small.frames()])
        assert watched.images.shape == (12, 270, 480)
        assert watched.images.dtype == np.uint8
        assert np.array_equal(watched.images, every)
        assert np.allclose(watched.times_s, np.arange(12) / 240)
        assert (watched.counts.declared, watched.counts.decoded) == (12, 12)
        assert len(watched.track.boxes) == len(watched.track.found) == 12
        assert watched.track.full_size == (640, 360)
        assert watched.info == probe(path, None)


def test_times_are_the_cameras(tmp_path):
    """A file at 30/s filmed at 240/s is read in camera seconds."""
    path = video(tmp_path / "a.mp4", frames=9, rate=30)
    with scan_video(path, 240) as watched:
        assert watched.times_s[8] == pytest.approx(8 / 240)


def test_where_nobody_is_nobody_is_found(tmp_path):
    """A video without an athlete has a whole-frame box for each frame, none of them found."""
    with scan_video(video(tmp_path / "a.mp4", frames=20), None) as watched:
        assert not any(watched.track.found)
        assert {box.width_px for box in watched.track.boxes} == {96}


def test_warnings_name_what_is_known(tmp_path):
    """A video of known rate is told about in seconds, one of unknown rate in frames."""
    path = video(tmp_path / "a.mp4", frames=40, rate=30)  # its pictures jump: warnings there are
    for seconds in (True, False):
        with scan_video(path, None, name_seconds=seconds) as watched:
            words = " ".join(watched.track.warnings)
        assert bool(re.search(r"\d s\b", words)) == seconds
        assert ("frame" in words) or seconds


def test_scratch_is_left_empty(tmp_path):
    """The small pictures lie in the scratch folder and are gone afterwards, errors or not."""
    path, scratch = video(tmp_path / "a.mp4", frames=10), tmp_path / "scratch"
    scratch.mkdir()
    with scan_video(path, None, scratch) as watched:
        assert watched.images[3].shape == (64, 96)
    with pytest.raises(RuntimeError, match="away"), scan_video(path, None, scratch):
        raise RuntimeError("called away")
    assert list(scratch.iterdir()) == []


def test_progress_is_said(tmp_path):
    """A long video says every hundred frames how far it is, then that the athlete is looked for."""
    said = []
    with scan_video(video(tmp_path / "a.mp4", frames=230), None, on_progress=said.append):
        pass
    assert [word.done for word in said] == [100, 200, None]
    assert said[-1] == Progress("finding the athlete", total=230, unit="frame")


def test_what_is_no_video_is_refused(tmp_path):
    """Sound, text and missing files are refused before anything is made of them."""
    text = tmp_path / "b.mp4"
    text.write_text("not a video")
    for path in (sound_only(tmp_path / "a.mp4"), text, tmp_path / "gone.mp4"):
        with pytest.raises(VideoRefused), scan_video(path, None):
            pass
