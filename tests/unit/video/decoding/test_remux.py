"""Chapters joined packet by packet."""

from contextlib import ExitStack
from itertools import pairwise

import av

from pushoff.errors import VideoProblem
from pushoff.video.decoding.remux import concatenate
from tests.videos import refused, video


def joined(paths, out) -> int:
    with ExitStack() as files, out.open("wb+") as file:
        chapters = [files.enter_context(path.open("rb")) for path in paths]
        return concatenate(chapters, file, lambda count: None)


def test_packets_are_copied_with_continuous_times(tmp_path):
    """Nothing is encoded again: sizes of packets stay, and times go on."""
    paths = [video(tmp_path / "a.mp4", frames=24), video(tmp_path / "b.mp4", frames=12)]
    assert joined(paths, tmp_path / "out.mp4") == 36

    def packets(path):
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            return [
                (packet.size, packet.pts * packet.time_base)
                for packet in container.demux(stream)
                if packet.pts is not None
            ]

    one, two, both = (packets(path) for path in (*paths, tmp_path / "out.mp4"))
    assert [size for size, _ in both] == [size for size, _ in one + two]
    times = sorted(float(time) for _, time in both)
    gaps = [after - before for before, after in pairwise(times)]
    assert max(gaps) - min(gaps) < 1e-3


def test_chapters_of_two_recordings_are_refused(tmp_path):
    """Their frames would have different sizes."""
    paths = [video(tmp_path / "a.mp4"), video(tmp_path / "b.mp4", size=(128, 64))]
    with refused(VideoProblem.DIFFERENT_RECORDINGS):
        joined(paths, tmp_path / "out.mp4")
