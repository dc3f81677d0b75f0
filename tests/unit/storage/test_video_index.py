"""pushoff/storage/video_index.py: the frames of an ingested video."""

import pytest

from pushoff.storage.object_store import Storage
from pushoff.storage.video_index import video_frames
from pushoff.values import Box
from tests.unit.studio.video_samples import stored_video

VIDEO = "0123456789abcdef"


@pytest.fixture
def storage(tmp_path) -> Storage:
    """An empty one."""
    return Storage(str(tmp_path / "store"))


def test_a_videos_frames_are_those_of_ingest(storage, tmp_path):
    """Times and boxes by frame number; nothing for a video that is not here."""
    found = video_frames(storage, stored_video(storage, tmp_path, 48, 240))
    assert (len(found), found.times_s[24], found.boxes[3]) == (48, 0.1, Box(3, 0, 10, 20))
    assert found.rate_known and found.clock_s == found.times_s
    assert video_frames(storage, VIDEO) is video_frames(storage, "jump") is None


def test_frames_of_unknown_rate_are_timed_as_at_240(storage, tmp_path):
    """A file at 30/s may be slow motion unless its rate was given; one at 120/s is not."""
    slow = video_frames(storage, stored_video(storage, tmp_path, 24, 30, file_fps=30))
    assert not slow.rate_known and slow.clock_s[12] == 12 / 240
    said = stored_video(storage, tmp_path, 24, 30, file_fps=30, capture_fps=30, athlete="ben")
    assert video_frames(storage, said).rate_known
    fast = stored_video(storage, tmp_path, 24, 120, file_fps=120, athlete="cleo")
    assert video_frames(storage, fast).rate_known
