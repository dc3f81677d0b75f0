"""pushoff/studio/timeline/subsample.py: frames of a labelled video that are trained on."""

from itertools import pairwise

import pytest

from pushoff.storage.object_store import Storage
from pushoff.studio.timeline.labels import read_videos
from pushoff.studio.timeline.subsample import SPACING_S, subsample
from pushoff.values import Label
from tests.unit.studio.video_samples import (
    annotation,
    export,
    interface,
    push_off,
    stored_video,
)


@pytest.fixture
def storage(tmp_path) -> Storage:
    """An empty one."""
    return Storage(str(tmp_path / "storage"))


@pytest.fixture
def read(storage, tmp_path):
    """`read(annotation, ...)` of a video of 1 s at 240/s: its labels, and the excluded items."""
    session = stored_video(storage, tmp_path)

    def reading(*annotations):
        path = export(tmp_path / "export.json", (session, list(annotations)))
        videos, excluded = read_videos(path, interface(), storage)
        return (videos[0] if videos else None), excluded

    return reading


def labels(video) -> dict[int, Label]:
    return {frame: word.label for frame, word in video.labels.items()}


def test_a_long_video_is_subsampled(read):
    """Every push_off frame, the ends of each stretch without one, and one every 33 ms between."""
    video, _ = read(annotation(1, push_off(97, 100), complete=True))
    taken = list(subsample(video))
    assert {97, 98, 99, 100, 91, 103, 0, 239} <= set(taken)
    others = [frame for frame in taken if video.labels[frame].label is Label.NOT_PUSH_OFF]
    assert len(others) < len(video.labels) / 6
    inner = [(b - a) / 240 for a, b in pairwise(others)]
    assert max(gap for gap in inner if gap < 10 / 240) <= SPACING_S + 1e-4
