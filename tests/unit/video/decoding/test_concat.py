"""Chapters of one recording become one video."""

import pytest

from pushoff.errors import VideoProblem
from pushoff.video.decoding.concat import join_chapters
from pushoff.video.decoding.decode import decode
from pushoff.video.decoding.probe import probe
from tests.videos import refused, sound_only, turned, video


def test_times_go_on_and_no_frame_is_lost(tmp_path):
    """Three chapters, held sideways: every frame of each, in order, at the camera's steps."""
    counts = (24, 7, 12)
    chapters = [
        turned(video(tmp_path / f"{k}.mp4", frames=count), 90) for k, count in enumerate(counts)
    ]
    assert join_chapters(chapters, tmp_path / "joined") == sum(counts)
    info = probe(tmp_path / "joined", None, whole=True)
    assert (info.declared_frames, info.rotation_deg) == (sum(counts), 90)
    frames = list(decode(tmp_path / "joined", info).frames())
    assert [frame.ref.time_s for frame in frames] == pytest.approx(
        [k / 240 for k in range(sum(counts))], abs=1e-4
    )
    alone = [frame.image for path in chapters for frame in decode(path, info).frames()]
    assert all((a.image == b).all() for a, b in zip(frames, alone, strict=True))


def test_reordered_pictures_stay_in_order(tmp_path):
    """HEVC with pictures that are shown in another order than stored, as GoPros write it."""
    chapters = [video(tmp_path / f"{k}.mp4", codec="libx265", frames=20) for k in range(2)]
    assert join_chapters(chapters, tmp_path / "joined") == 40
    times = [
        frame.ref.time_s
        for frame in decode(tmp_path / "joined", probe(tmp_path / "joined", None)).frames()
    ]
    assert times == pytest.approx([k / 240 for k in range(40)], abs=1e-3)


@pytest.mark.parametrize("other", [{"size": (128, 64)}, {"rate": 120}, {"codec": "libx265"}])
def test_chapters_of_different_recordings_are_refused(tmp_path, other):
    """Another size, rate or codec is told with what each of them is."""
    chapters = [video(tmp_path / "a.mp4"), video(tmp_path / "b.mp4", **other)]
    with refused(VideoProblem.DIFFERENT_RECORDINGS) as info:
        join_chapters(chapters, tmp_path / "joined")
    assert "h264, 96 x 64 at 240" in info.value.message


def test_a_damaged_chapter_is_named(tmp_path):
    """A chapter that is cut off or has no picture is told by its place."""
    first = video(tmp_path / "a.mp4")
    cut = video(tmp_path / "b.mp4", container={"movflags": "faststart"}, size=(96, 64))
    cut.write_bytes(cut.read_bytes()[:-100])
    with refused(VideoProblem.CUT_OFF) as info:
        join_chapters([first, cut], tmp_path / "joined")
    assert info.value.message.startswith("Chapter 2 ")
    with refused(VideoProblem.NO_VIDEO_STREAM) as info:
        join_chapters([first, sound_only(tmp_path / "c.mp4")], tmp_path / "joined")
    assert info.value.message.startswith("Chapter 2 ")
    junk = tmp_path / "d.mp4"
    junk.write_bytes(b"no video at all, whatever it is called")
    with refused(VideoProblem.NOT_A_VIDEO):
        join_chapters([first, junk], tmp_path / "joined")
