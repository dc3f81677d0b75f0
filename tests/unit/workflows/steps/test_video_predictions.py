"""What the sequence head in use, or where there is none the rules, find in a stored video."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from pushoff.learning.features.video_features import VideoFeatures
from pushoff.learning.model.sequence_head import VideoPrediction
from pushoff.learning.starter import RULES, predict_with_rules
from pushoff.services import Services, open_services
from pushoff.settings import Settings
from pushoff.storage.deletion import delete_video
from pushoff.storage.video_predictions import (
    VideoPredictions,
    load_video_predictions,
    predictions_of,
    save_video_predictions,
)
from pushoff.values import Label
from pushoff.workflows.steps.champion import NO_CHAMPION, LoadedChampion
from pushoff.workflows.steps.video_predictions import video_predictions
from tests.models import tiny_model
from tests.unit.learning.event_samples import known
from tests.unit.workflows.workflow_samples import stored_video

TRUTH = known(5)
MODEL = tiny_model(sequence=True)
EXTRACTOR = MODEL.extractor
CHAMPION = LoadedChampion("resnet18-v1-abcdef", MODEL)


@pytest.fixture
def services(tmp_path) -> Iterator[Services]:
    """Without Label Studio and Redis."""
    with open_services(Settings(_env_file=None, data_dir=tmp_path / "data")) as opened:
        yield opened


def test_the_champions_sequence_head_answers(services):
    """Its push-offs and the probability of every frame, stored under its version."""
    video_id, features = stored_video(services, "a", EXTRACTOR, TRUTH, posed=True)
    found = video_predictions(services, CHAMPION, EXTRACTOR, video_id)
    expected = predictions_of("resnet18-v1-abcdef", MODEL.predict_video(features), None)
    assert found == expected == load_video_predictions(services.storage, video_id)


def test_before_there_is_a_champion_the_rules_answer_and_say_so(services):
    """They find the push-offs of the body in the video; the version is named RULES."""
    video_id, _ = stored_video(services, "a", EXTRACTOR, TRUTH, posed=True)
    found = video_predictions(services, NO_CHAMPION, EXTRACTOR, video_id)
    assert found.version == RULES
    assert tuple(frame for frame, _ in found.push_offs) == TRUTH.push_off_frames == found.suggested
    for frame in range(TRUTH.frames):
        label = Label.PUSH_OFF if frame in TRUTH.push_off_frames else Label.NOT_PUSH_OFF
        assert found.suggestion(frame).label is label


def test_the_rules_answer_for_a_champion_that_cannot_be_used(services):
    """Its files are damaged: nothing is published under its name."""
    video_id, _ = stored_video(services, "a", EXTRACTOR, TRUTH, posed=True)
    damaged = LoadedChampion("resnet18-v1-abcdef", None, "the files are damaged")
    assert video_predictions(services, damaged, EXTRACTOR, video_id).version == RULES


class DeletingHead:
    """A sequence head during whose work the video is deleted."""

    def __init__(self, delete: Callable[[], None]) -> None:
        self._delete = delete

    def predict(self, features: VideoFeatures) -> VideoPrediction:
        """As the head of MODEL."""
        self._delete()
        return MODEL.sequence.predict(features)


def test_nothing_is_left_of_a_video_that_is_deleted_meanwhile(services):
    """Its predictions would lie in storage for ever."""
    video_id, _ = stored_video(services, "a", EXTRACTOR, TRUTH)
    head = DeletingHead(lambda: delete_video(services.storage, video_id))
    champion = LoadedChampion("resnet18-v2-abcdef", replace(MODEL, sequence=head))
    assert video_predictions(services, champion, EXTRACTOR, video_id) is None
    assert services.storage.list() == []


def test_where_nobody_was_found_the_rules_say_nothing(services):
    """In no frame of the video: there is no prediction, and none is stored."""
    video_id, _ = stored_video(services, "a", EXTRACTOR, TRUTH)
    assert video_predictions(services, NO_CHAMPION, EXTRACTOR, video_id) is None
    assert load_video_predictions(services.storage, video_id) is None


def test_the_rules_answer_for_a_champion_of_loose_pictures(services):
    """It has no sequence head, and the rules know what comes before and after a frame; where they
    see nobody there is no prediction, and the picture head is asked."""
    pictures = LoadedChampion("resnet18-v1-abcdef", replace(MODEL, sequence=None))
    video_id, features = stored_video(services, "a", EXTRACTOR, TRUTH, posed=True)
    found = video_predictions(services, pictures, EXTRACTOR, video_id)
    assert found == predictions_of(RULES, predict_with_rules(features), None)
    assert found == video_predictions(services, NO_CHAMPION, EXTRACTOR, video_id)
    empty, _ = stored_video(services, "b", EXTRACTOR, TRUTH)
    assert video_predictions(services, pictures, EXTRACTOR, empty) is None


def test_each_version_analyses_a_video_once(services):
    """What is stored under the version is used; another version's is replaced."""
    video_id, _ = stored_video(services, "a", EXTRACTOR, TRUTH, posed=True)
    stored = VideoPredictions("resnet18-v1-abcdef", ((3, 0.5),), (0.1, 0.2), (1,))
    save_video_predictions(services.storage, video_id, stored)
    assert video_predictions(services, CHAMPION, EXTRACTOR, video_id) == stored
    newer = LoadedChampion("resnet18-v2-abcdef", MODEL)
    assert video_predictions(services, newer, EXTRACTOR, video_id).version == newer.version
    assert load_video_predictions(services.storage, video_id).version == newer.version
    assert video_predictions(services, NO_CHAMPION, EXTRACTOR, video_id).version == RULES


def test_a_corrected_frame_rate_makes_the_predictions_of_a_version_void(services):
    """The video is analysed in other steps; what was stored by the old rate is replaced."""
    video_id, _ = stored_video(services, "a", EXTRACTOR, TRUTH, posed=True)
    first = video_predictions(services, CHAMPION, EXTRACTOR, video_id)
    again, _ = stored_video(services, "a", EXTRACTOR, TRUTH, posed=True, capture_fps=60.0)
    assert again == video_id
    second = video_predictions(services, CHAMPION, EXTRACTOR, video_id)
    assert (first.capture_fps, second.capture_fps) == (None, 60)
    assert load_video_predictions(services.storage, video_id) == second


def test_damaged_predictions_are_computed_again(services):
    """Also those of an earlier format."""
    video_id, _ = stored_video(services, "a", EXTRACTOR, TRUTH, posed=True)
    first = video_predictions(services, CHAMPION, EXTRACTOR, video_id)
    for record in ({"format": 2}, {"format": 3, "version": 5}):
        services.storage.write_json(f"videos/{video_id}/predictions.json", record)
        assert video_predictions(services, CHAMPION, EXTRACTOR, video_id) == first


def test_a_video_that_is_not_stored_has_no_predictions(services):
    """Never ingested, deleted, or no video's id at all."""
    video_id, _ = stored_video(services, "a", EXTRACTOR, TRUTH)
    delete_video(services.storage, video_id)
    for name in (video_id, "0" * 16, "clip 7", ""):
        assert video_predictions(services, CHAMPION, EXTRACTOR, name) is None
