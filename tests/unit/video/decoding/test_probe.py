import struct
from fractions import Fraction

import pytest

from pushoff.errors import VideoProblem
from pushoff.video.decoding.probe import probe
from tests.videos import refused, replaced, sound_only, turned, video


def test_a_plain_video(tmp_path):
    """Size, rate, length, codec and declared frames are read without being told."""
    info = probe(video(tmp_path / "a.mp4"), None)
    assert (info.width_px, info.height_px, info.declared_frames) == (96, 64, 24)
    assert (info.frame_rate, info.capture_rate, info.codec) == (240, 240, "h264")
    assert info.duration_s == pytest.approx(0.1)


@pytest.mark.parametrize("suffix", ["mov", "mkv", "avi"])
def test_other_containers(tmp_path, suffix):
    """MOV, MKV and AVI are understood as well."""
    assert probe(video(tmp_path / f"a.{suffix}", rate=30), None).frame_rate == 30


def test_29_97_stays_a_fraction(tmp_path):
    """NTSC rates are exact, never 29.97."""
    info = probe(video(tmp_path / "a.mp4", rate=Fraction(30000, 1001)), None)
    assert info.frame_rate == Fraction(30000, 1001)


def test_slow_motion_that_says_30(tmp_path):
    """A file that plays at 30 and was filmed at 240 is eight times slowed down."""
    info = probe(video(tmp_path / "a.mp4", rate=30), 240)
    assert (info.frame_rate, info.capture_rate, info.slow_down) == (30, 240, 8)


def test_a_nominal_rate_means_the_files_exact_one(tmp_path):
    """240 said of a 239.76 video does not stretch its times."""
    info = probe(video(tmp_path / "a.mp4", rate=Fraction(240000, 1001)), 240)
    assert info.capture_rate == Fraction(240000, 1001)
    assert info.slow_down == 1


def test_metadata_that_disagree_ask_for_the_capture_rate(tmp_path):
    """A phone's slow motion is not taken for real time: the coach is asked."""
    path = video(
        tmp_path / "a.mp4",
        rate=30,
        tags={"com.android.capture.fps": "240"},
        container={"movflags": "use_metadata_tags"},
    )
    with refused(VideoProblem.CAPTURE_RATE_UNKNOWN):
        probe(path, None)
    assert probe(path, 240).slow_down == 8


@pytest.mark.parametrize("said", [0, -5, 10, 1e9, float("nan")])
def test_impossible_capture_rates(tmp_path, said):
    """A rate no camera has, or below the file's own, is refused in words."""
    with refused(VideoProblem.CAPTURE_RATE_IMPLAUSIBLE):
        probe(video(tmp_path / "a.mp4", rate=30), said)


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_the_size_is_the_upright_one(tmp_path, turn):
    """A phone held sideways: width and height as shown."""
    info = probe(turned(video(tmp_path / "a.mp4"), turn), None)
    assert info.rotation_deg == turn
    assert (info.width_px, info.height_px) == ((96, 64) if turn == 180 else (64, 96))


@pytest.mark.parametrize(
    "text",
    [
        b"ffconcat version 1.0\nfile other.mp4\n",
        b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nother.mp4\n",
        b"v=0\no=- 0 0 IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n",
        b"just some text that somebody renamed",
        b"PK\x03\x04" + bytes(200),
        b"MZ" + bytes(200),
        b"",
        b"\x00",
    ],
)
def test_what_is_not_a_video(tmp_path, text):
    """Playlists, text, archives and programs named .mp4 open nothing else."""
    video(tmp_path / "other.mp4")
    path = tmp_path / "a.mp4"
    path.write_bytes(text)
    with refused(VideoProblem.NOT_A_VIDEO):
        probe(path, None)


def test_cut_off_before_the_index(tmp_path):
    """A copy that stopped early says so: upload it again."""
    path = video(tmp_path / "a.mp4", size=(320, 240))
    path.write_bytes(path.read_bytes()[:-400])
    with refused(VideoProblem.CUT_OFF):
        probe(path, None)


def test_cut_off_after_the_index_is_read_as_far_as_it_goes(tmp_path):
    """With its index in front a cut-off video still says how much there should be."""
    path = video(tmp_path / "a.mp4", size=(320, 240), container={"movflags": "faststart"})
    data = path.read_bytes()
    path.write_bytes(data[: len(data) - len(data) // 4])
    assert probe(path, None).declared_frames == 24
    with refused(VideoProblem.CUT_OFF):
        probe(path, None, whole=True)


def test_sound_only(tmp_path):
    """A video without a picture is refused as such."""
    with refused(VideoProblem.NO_VIDEO_STREAM):
        probe(sound_only(tmp_path / "a.mp4"), None)


def test_too_many_streams(tmp_path):
    """More than 16 streams is nobody's camera."""
    with refused(VideoProblem.TOO_MANY_STREAMS):
        probe(video(tmp_path / "a.mp4", frames=1, streams=17), None)


def test_a_bomb_is_refused_by_its_declared_size(tmp_path):
    """8192 x 8192 pixels are refused before one picture is decoded."""
    path = video(tmp_path / "a.mp4", frames=1, size=(8192, 8192))
    assert path.stat().st_size < 300_000
    with refused(VideoProblem.FRAME_TOO_LARGE):
        probe(path, None)


def test_four_hours_are_enough(tmp_path):
    """A video of more than four hours is refused with the limit."""
    path = video(tmp_path / "a.mkv", frames=2, pts_ms=[0, 5 * 3600 * 1000])
    with refused(VideoProblem.TOO_LONG):
        probe(path, None)


def test_codecs_not_on_the_list(tmp_path):
    """Only codecs cameras write are decoded."""
    with refused(VideoProblem.UNSUPPORTED_CODEC):
        probe(video(tmp_path / "a.mkv", codec="ffv1"), None)


def test_pictures_in_another_file(tmp_path):
    """A video that points at another file or address is refused unread."""
    inside = struct.pack(">I4sI", 12, b"url ", 1)
    outside = struct.pack(">I4sI", 12, b"url ", 0)
    with refused(VideoProblem.EXTERNAL_DATA):
        probe(replaced(video(tmp_path / "a.mp4"), inside, outside), None)


def test_encrypted(tmp_path):
    """A protected video is refused as such."""
    with refused(VideoProblem.ENCRYPTED):
        probe(
            replaced(video(tmp_path / "a.mp4"), b"avc1\x00\x00\x00\x00", b"encv\x00\x00\x00\x00"),
            None,
        )


def test_no_frames(tmp_path):
    """An index without pictures is refused."""
    path = video(tmp_path / "a.mp4", container={"movflags": "faststart"})
    data = path.read_bytes()
    path.write_bytes(data[: data.index(b"mdat") + 8])
    with refused(VideoProblem.NO_FRAMES):
        probe(path, None)


def test_a_missing_file(tmp_path):
    """A file that is not there is refused by name, without its folder."""
    with refused(VideoProblem.CANNOT_OPEN) as info:
        probe(tmp_path / "gone.mp4", None)
    assert info.value.video_name == "gone.mp4"
    assert str(tmp_path) not in str(info.value)
