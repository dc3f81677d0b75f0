"""A stored video's features by one backbone."""

from collections.abc import Iterator

import pytest

from pushoff.services import Services, open_services
from pushoff.settings import Settings
from pushoff.storage.deletion import delete_video
from pushoff.storage.videos import add_video
from pushoff.util.progress import Progress
from pushoff.values import Exercise
from pushoff.workflows.steps.data.video_features import video_features
from tests.models import tiny_model
from tests.unit.learning.event_samples import known, same
from tests.unit.workflows.workflow_samples import stored_video
from tests.videos import video

EXTRACTOR = tiny_model(size_px=64).extractor


@pytest.fixture
def services(tmp_path) -> Iterator[Services]:
    """Without Label Studio and Redis."""
    with open_services(Settings(_env_file=None, data_dir=tmp_path / "data")) as opened:
        yield opened


def test_features_are_extracted_once(services, tmp_path):
    """With the camera's rate of the video's details; the second time they come from storage."""
    path = video(tmp_path / "a.mp4", frames=12, rate=60)
    stored = add_video(
        services.storage, path, athlete="ana", exercise=Exercise.HOPS, capture_fps=120
    )
    reports = []
    first = video_features(services, EXTRACTOR, stored.video_id, reports.append)
    assert (len(first.times_s), first.info.capture_rate) == (12, 120)
    assert reports
    reports.clear()
    assert same(first, video_features(services, EXTRACTOR, stored.video_id, reports.append))
    assert reports == []


def test_what_another_step_extracted_is_used(services):
    """Features are named by the file's content, rate and backbone."""
    video_id, features = stored_video(services, "a", EXTRACTOR, known(2), capture_fps=30.0)
    assert same(features, video_features(services, EXTRACTOR, video_id))


def test_a_video_that_cannot_be_decoded_has_none(services, caplog):
    """It is logged by its id, and does not stop what goes on with the others."""
    path = services.scratch / "notes.mp4"
    path.write_text("not a video")
    stored = add_video(services.storage, path, athlete="ana", exercise=Exercise.HOPS)
    assert video_features(services, EXTRACTOR, stored.video_id) is None
    assert [record.args[0] for record in caplog.records] == [stored.video_id]


@pytest.mark.parametrize("first", [True, False])
def test_nothing_is_left_of_a_video_that_is_deleted_meanwhile(services, tmp_path, first):
    """At the first progress or at the last, when its features are about to be stored."""
    path = video(tmp_path / "a.mp4", frames=12)
    stored = add_video(services.storage, path, athlete="ana", exercise=Exercise.HOPS)
    storage, reports = services.storage, []
    video_features(services, EXTRACTOR, stored.video_id, reports.append)
    delete_video(storage, stored.video_id)
    add_video(storage, path, athlete="ana", exercise=Exercise.HOPS)
    last, seen = 1 if first else len(reports), []

    def delete(progress: Progress) -> None:
        seen.append(progress)
        if len(seen) == last:
            delete_video(storage, stored.video_id)

    assert video_features(services, EXTRACTOR, stored.video_id, delete) is None
    assert len(seen) >= last and storage.list() == []


@pytest.mark.parametrize("name", ["0" * 16, "clip 7", "", "../x"])
def test_what_is_not_stored_has_none(services, name):
    """Also what is no video's id: a group of uploaded pictures."""
    assert video_features(services, EXTRACTOR, name) is None
