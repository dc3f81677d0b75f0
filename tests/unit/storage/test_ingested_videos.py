"""pushoff/storage/ingested_videos.py: the result of ingest."""

import pytest

from pushoff.errors import StorageFailed, Unsafe
from pushoff.storage.ingested_videos import load_ingest, save_ingest
from pushoff.storage.object_store import Storage
from tests.unit.studio.video_samples import ingested_video

VIDEO = "0123456789abcdef"


@pytest.fixture
def storage(tmp_path) -> Storage:
    """An empty one."""
    return Storage(str(tmp_path))


def test_the_result_comes_back_as_it_was_saved(storage):
    """None before the first, and of another video."""
    assert load_ingest(storage, VIDEO) is None
    save_ingest(storage, VIDEO, ingested_video(48, 240.0, 30.0))
    assert load_ingest(storage, VIDEO) == ingested_video(48, 240.0, 30.0)
    assert load_ingest(storage, "0" * 16) is None


@pytest.mark.parametrize(
    ("record", "code"),
    [
        ({"times_s": [0.0]}, "unknown_format"),
        ({"format": 2}, "unknown_format"),
        ([1], "unknown_format"),
        ({"format": 1, "times_s": "soon"}, "invalid_value"),
    ],
)
def test_a_record_that_cannot_be_read_has_a_remedy(storage, record, code):
    """Another format or a damaged record is refused, not taken for another."""
    storage.write_json(f"videos/{VIDEO}/ingest.json", record)
    with pytest.raises(StorageFailed) as failed:
        load_ingest(storage, VIDEO)
    assert failed.value.code == code
    assert failed.value.remedy


def test_a_path_is_not_an_id(storage):
    """Nothing outside the videos' folder is read or written."""
    with pytest.raises(Unsafe):
        load_ingest(storage, "../x")
