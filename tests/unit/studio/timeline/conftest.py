"""A storage and a labelled video in it."""

import pytest

from pushoff.storage.object_store import Storage
from pushoff.studio.timeline.labels import read_videos
from tests.unit.studio.video_samples import export, interface, stored_video


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
