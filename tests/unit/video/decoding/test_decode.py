from fractions import Fraction

import numpy as np
import pytest

from pushoff.video.decoding.decode import decode
from pushoff.video.decoding.probe import probe
from tests.videos import turned, video


def test_every_frame_with_its_time(tmp_path):
    """All frames come in order, upright RGB, at their presentation times."""
    path = video(tmp_path / "a.mp4")
    decoding = decode(path, probe(path, None), video_id="abc")
    frames = list(decoding.frames())
    assert [frame.ref.index for frame in frames] == list(range(24))
    assert np.allclose([frame.ref.time_s for frame in frames], np.arange(24) / 240)
    assert frames[0].ref.video_id == "abc"
    assert frames[0].image.shape == (64, 96, 3)
    red, green, blue = frames[0].image[10, 40]
    assert red > 180 > 60 > max(green, blue)
    assert (decoding.counts.declared, decoding.counts.decoded) == (24, 24)


def test_variable_rate_keeps_its_times(tmp_path):
    """A phone's uneven frames keep the times they were shown at."""
    times_ms = [0, 4, 9, 30, 34, 80, 84, 120]
    path = video(tmp_path / "a.mp4", frames=8, pts_ms=times_ms)
    frames = list(decode(path, probe(path, None)).frames())
    assert np.allclose([frame.ref.time_s * 1000 for frame in frames], times_ms, atol=0.6)


def test_29_97(tmp_path):
    """Times do not drift from 29.97 to 30."""
    path = video(tmp_path / "a.mp4", rate=Fraction(30000, 1001))
    times = [frame.ref.time_s for frame in decode(path, probe(path, None)).frames()]
    assert times[-1] == pytest.approx(23 * 1001 / 30000, abs=1e-5)


def test_slow_motion_times_are_the_cameras(tmp_path):
    """Eight frames of a 30/s file filmed at 240/s took a thirtieth of a second."""
    path = video(tmp_path / "a.mp4", rate=30)
    times = [frame.ref.time_s for frame in decode(path, probe(path, 240)).frames()]
    assert times[8] == pytest.approx(8 / 240)


@pytest.mark.parametrize(("turn", "red_at"), [(90, (48, 60)), (180, (60, 48)), (270, (48, 3))])
def test_turned_videos_come_upright(tmp_path, turn, red_at):
    """The picture's top is where the phone's metadata say."""
    path = turned(video(tmp_path / "a.mp4"), turn)
    frame = next(iter(decode(path, probe(path, None)).frames()))
    assert frame.image.shape[:2] == ((64, 96) if turn == 180 else (96, 64))
    assert frame.image[red_at][0] > 180


def test_ten_bit_hevc(tmp_path):
    """A GoPro's 10-bit HEVC comes out as 8-bit RGB."""
    path = video(tmp_path / "a.mp4", codec="libx265", pixels="yuv420p10le")
    frames = list(decode(path, probe(path, None)).frames())
    assert len(frames) == 24
    assert frames[0].image[10, 40, 0] > 180


def test_small_gray_pictures(tmp_path):
    """A look over the whole video needs no full-size colour."""
    path = video(tmp_path / "a.mp4")
    frame = next(iter(decode(path, probe(path, None), max_width_px=48, gray=True).frames()))
    assert frame.image.shape == (32, 48)


def test_only_the_frames_asked_for(tmp_path):
    """Chosen frames are the same pictures with the same times as in a full pass."""
    path = video(tmp_path / "a.mp4")
    info = probe(path, None)
    every = list(decode(path, info).frames())
    some = list(decode(path, info, indices=[9, 3]).frames())
    assert [frame.ref for frame in some] == [every[3].ref, every[9].ref]
    assert np.array_equal(some[1].image, every[9].image)


def test_2_7k(tmp_path):
    """2704 x 1520 at 240/s decodes."""
    path = video(tmp_path / "a.mp4", frames=3, size=(2704, 1520))
    assert len(list(decode(path, probe(path, None), max_width_px=480, gray=True).frames())) == 3


def test_a_cut_off_video_counts_what_came_out(tmp_path):
    """Fewer frames than declared are neither hidden nor fatal."""
    path = video(tmp_path / "a.mp4", size=(320, 240), container={"movflags": "faststart"})
    data = path.read_bytes()
    path.write_bytes(data[: data.index(b"mdat") + (len(data) - data.index(b"mdat")) // 2])
    decoding = decode(path, probe(path, None))
    list(decoding.frames())
    assert 0 < decoding.counts.decoded < decoding.counts.declared


def test_counts_belong_to_a_finished_pass(tmp_path):
    """Nobody reads a count of half a video."""
    path = video(tmp_path / "a.mp4")
    with pytest.raises(RuntimeError):
        _ = decode(path, probe(path, None)).counts
