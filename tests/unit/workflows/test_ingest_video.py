"""What an earlier ingest of the same video left behind."""

from dataclasses import replace

import pytest

from pushoff.services import Services
from pushoff.settings import Settings
from pushoff.storage.ingested_videos import save_ingest
from pushoff.workflows.ingest_video import same_crops
from tests.unit.studio.video_samples import ingested_video

VIDEO = "ab" * 8
INGESTED = ingested_video(48, 240.0, 30.0)


@pytest.fixture
def services(tmp_path) -> Services:
    """Of an empty storage."""
    return Services(Settings(_env_file=None, data_dir=tmp_path))


def test_features_are_kept_while_times_and_boxes_are_the_same(services):
    """A first ingest has none to delete; other times or boxes make other features."""
    assert same_crops(services.storage, VIDEO, INGESTED)
    save_ingest(services.storage, VIDEO, INGESTED)
    assert same_crops(services.storage, VIDEO, INGESTED)
    for other in (
        replace(INGESTED, times_s=INGESTED.times_s[:-1]),
        replace(INGESTED, boxes=INGESTED.boxes[::-1]),
    ):
        assert not same_crops(services.storage, VIDEO, other)


def test_a_result_that_cannot_be_read_is_replaced(services):
    """Its remedy is to ingest again, which must not end at the same record."""
    services.storage.write_json(f"videos/{VIDEO}/ingest.json", {"format": 0})
    assert not same_crops(services.storage, VIDEO, INGESTED)
