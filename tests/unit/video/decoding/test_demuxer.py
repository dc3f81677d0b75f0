"""Opening a file as a video."""

from pushoff.errors import VideoProblem
from pushoff.video.decoding.demuxer import open_video
from tests.videos import refused, video


def test_a_video_is_opened_by_its_own_demuxer(tmp_path):
    """A whole MP4 does not end early."""
    with video(tmp_path / "a.mp4").open("rb") as file:
        container, ends_early = open_video(file)
        assert container.format.name.startswith("mov") and not ends_early
        assert len(container.streams.video) == 1
        container.close()


def test_a_file_that_ends_before_its_index_says_is_told(tmp_path):
    """With the index in front what there is can be read; without an index nothing can."""
    path = video(tmp_path / "a.mp4", container={"movflags": "faststart"})
    path.write_bytes(path.read_bytes()[:-100])
    with path.open("rb") as file:
        container, ends_early = open_video(file)
        container.close()
    assert ends_early
    whole = video(tmp_path / "b.mp4")
    whole.write_bytes(whole.read_bytes()[:-100])
    with whole.open("rb") as file, refused(VideoProblem.CUT_OFF):
        open_video(file)


def test_other_files_are_refused(tmp_path):
    """Whatever their name says."""
    path = tmp_path / "a.mp4"
    path.write_bytes(b"a text, whatever it is called")
    with path.open("rb") as file, refused(VideoProblem.NOT_A_VIDEO):
        open_video(file)
