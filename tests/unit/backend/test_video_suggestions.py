"""Suggestions for frames of stored videos."""

from dataclasses import replace
from pathlib import Path

import pytest

from backend.model_cache import ServedModel
from backend.video_suggestions import served_predictions
from pushoff.errors import StorageFailed
from pushoff.learning.features.extract_features import features_key
from pushoff.learning.features.feature_extractor import WITH_MIRROR
from pushoff.learning.features.video_features import features_to_bytes
from pushoff.learning.starter import RULES, predict_with_rules
from pushoff.storage.object_store import Storage
from pushoff.storage.video_predictions import (
    VideoPredictions,
    load_video_predictions,
    predictions_of,
    save_video_predictions,
)
from pushoff.storage.videos import add_video
from pushoff.values import Exercise
from tests.models import tiny_features, tiny_model
from tests.unit.learning.event_samples import known, video_of

STORED = VideoPredictions("v2", ((1, 0.9),), (0.1, 0.8), (1,), capture_fps=30.0)
STORED_BY_RULES = VideoPredictions(RULES, ((0, 0.96),), (0.58, 0.02), (0,), capture_fps=30.0)


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage(str(tmp_path / "storage"))


@pytest.fixture
def video_id(storage: Storage, tmp_path: Path) -> str:
    """A stored video, not analysed."""
    path = tmp_path / "video.mp4"
    path.write_bytes(b"a video")
    added = add_video(storage, path, athlete="ada", exercise=Exercise.HOPS, capture_fps=30.0)
    return added.video_id


@pytest.fixture(scope="module")
def served() -> ServedModel:
    return ServedModel("v2", tiny_model(sequence=True))


def store_features(storage: Storage, video_id: str, served: ServedModel) -> None:
    key = features_key(video_id, 30.0, served.model.extractor, WITH_MIRROR)
    storage.write(key, features_to_bytes(tiny_features(video_id)))


def test_the_served_versions_stored_predictions_are_used(storage, video_id, served):
    """Those of another version are not."""
    save_video_predictions(storage, video_id, STORED)
    assert served_predictions(storage, served, video_id) == STORED
    assert served_predictions(storage, ServedModel("v3", served.model), video_id) is None


def test_another_version_is_computed_from_stored_features(storage, video_id, served):
    """Exactly what a worker would store for it; nothing is stored here."""
    old = VideoPredictions("v1", ())
    save_video_predictions(storage, video_id, old)
    store_features(storage, video_id, served)
    found = served_predictions(storage, served, video_id)
    expected = served.model.predict_video(tiny_features(video_id))
    assert found == predictions_of("v2", expected, 30.0)
    assert len(found.probabilities) == 24
    assert load_video_predictions(storage, video_id) == old


def test_predictions_by_another_frame_rate_are_not_used(storage, video_id, served):
    """The coach has corrected the camera's rate since; a worker analyses the video again."""
    save_video_predictions(storage, video_id, replace(STORED, capture_fps=None))
    assert served_predictions(storage, served, video_id) is None


def test_damaged_files_count_as_missing(storage, video_id, served, caplog):
    """The picture is judged then."""
    store_features(storage, video_id, served)
    storage.write_json(f"videos/{video_id}/predictions.json", {"format": 99})
    assert served_predictions(storage, served, video_id) is not None
    key = features_key(video_id, 30.0, served.model.extractor, WITH_MIRROR)
    storage.write(key, b"rubbish")
    assert served_predictions(storage, served, video_id) is None


@pytest.mark.parametrize("name", ["ada", "../../etc", "", "0" * 16])
def test_what_is_no_stored_video_is_not_looked_for(storage, served, name):
    """Frames uploaded by hand have names instead of a video's id."""
    assert served_predictions(storage, served, name) is None


def test_for_a_model_of_loose_pictures_the_rules_answer(storage, video_id):
    """As a worker stored it, or as it would; where they see nobody there is no answer."""
    pictures = ServedModel("v2", tiny_model())
    store_features(storage, video_id, pictures)
    assert served_predictions(storage, pictures, video_id) is None
    truth = known(3)
    posed = video_of(truth, posed=True)
    key = features_key(video_id, 30.0, pictures.model.extractor, WITH_MIRROR)
    storage.write(key, features_to_bytes(posed))
    found = served_predictions(storage, pictures, video_id)
    assert found == predictions_of(RULES, predict_with_rules(posed), 30.0)
    assert found.suggested == truth.push_off_frames
    save_video_predictions(storage, video_id, STORED_BY_RULES)
    assert served_predictions(storage, pictures, video_id) == STORED_BY_RULES


def test_before_there_is_a_model_the_rules_answer_as_far_as_stored(storage, video_id, served):
    """Nothing is computed, and no earlier version's predictions are used."""
    store_features(storage, video_id, served)
    assert served_predictions(storage, None, video_id) is None
    save_video_predictions(storage, video_id, STORED)
    assert served_predictions(storage, None, video_id) is None
    save_video_predictions(storage, video_id, STORED_BY_RULES)
    assert served_predictions(storage, None, video_id) == STORED_BY_RULES


def test_an_outage_is_not_taken_for_a_missing_video(storage, video_id, served, tmp_path):
    """The caller has to give no answer instead of another one."""
    (tmp_path / "storage" / "videos" / video_id / "video.json").write_text("{}")
    with pytest.raises(StorageFailed):
        served_predictions(storage, served, video_id)
