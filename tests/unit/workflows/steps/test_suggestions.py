"""The suggestion for each unlabelled frame."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from pushoff.learning.backbone.network import FEATURES
from pushoff.learning.model.frame_suggestion import NO_ATHLETE, UNLIKE_LABELLED
from pushoff.learning.model.out_of_distribution import NoveltyDetector
from pushoff.learning.starter import AT_PUSH_OFF, RULES
from pushoff.services import Services, open_services
from pushoff.settings import Settings
from pushoff.storage.feature_store import Crop, FeatureStore
from pushoff.storage.video_predictions import (
    VideoPredictions,
    load_video_predictions,
    save_video_predictions,
)
from pushoff.storage.videos import add_video
from pushoff.studio.task_data import TaskFrame
from pushoff.values import Exercise, Label, Suggestion
from pushoff.workflows.steps.champion import NO_CHAMPION, LoadedChampion
from pushoff.workflows.steps.suggestions import suggestions
from tests.models import tiny_model
from tests.unit.learning.event_samples import known
from tests.unit.workflows.workflow_samples import stored_video


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    with open_services(Settings(_env_file=None, data_dir=tmp_path)) as opened:
        yield opened


@pytest.fixture
def champion() -> LoadedChampion:
    return LoadedChampion("v1", tiny_model(sequence=True))


@pytest.fixture
def store(services, champion) -> FeatureStore:
    return FeatureStore(services.storage, champion.model.extractor.fingerprint)


def frame(image: str, video_id: str = "ana", frame_index: int | None = None) -> TaskFrame:
    return TaskFrame(
        image=image,
        box=None,
        split_group=video_id,
        video_id=video_id,
        time_s=None,
        footage="real",
        frame_index=frame_index,
    )


def test_a_video_answers_for_its_frames_and_the_picture_head_for_others(
    services, champion, store, tmp_path
):
    """In the order of the frames."""
    path = tmp_path / "video.mp4"
    path.write_bytes(b"a video")
    video_id = add_video(services.storage, path, athlete="a", exercise=Exercise.HOPS).video_id
    found = VideoPredictions("v1", ((1, 0.9),), (0.1, 0.8), (1,))
    save_video_predictions(services.storage, video_id, found)
    alone = frame("x.jpg")
    features = np.random.default_rng(1).normal(0, 1, (1, FEATURES))
    store.save_images([alone], features, [Crop.FOUND])
    frames = [frame("1.jpg", video_id, 1), alone, frame("0.jpg", video_id, 0)]
    one, picture, other = suggestions(services, champion, champion.model.extractor, store, frames)
    assert one.suggestion == Suggestion(Label.PUSH_OFF, 0.8)
    assert other.suggestion == Suggestion(Label.NOT_PUSH_OFF, 0.1)
    expected = champion.model.picture.probabilities(store.rows([alone])[0])
    assert picture.suggestion.probability == pytest.approx(expected[0], abs=1e-6)


def test_a_picture_without_a_suggestion_says_why(services, champion, store):
    """Nobody was found in it, which is known before there is a model, or nothing like it was
    learnt."""
    frames = [frame(f"{number}.jpg") for number in range(3)]
    store.save_images(frames, np.ones((3, FEATURES)), [Crop.NOBODY, Crop.FOUND, Crop.NOBODY])
    detector = NoveltyDetector(np.zeros((1, FEATURES), np.float16), None, frame_limit=0.5)
    model = dataclasses.replace(champion.model, novelty_detector=detector)
    found = suggestions(services, LoadedChampion("v1", model), model.extractor, store, frames)
    assert [each.why_none for each in found] == [NO_ATHLETE, UNLIKE_LABELLED, NO_ATHLETE]
    assert [each.nobody for each in found] == [True, False, True]
    assert not any(each.suggestion for each in found)
    cold = suggestions(services, NO_CHAMPION, model.extractor, store, frames)
    assert [each.why_none for each in cold] == [NO_ATHLETE, "", NO_ATHLETE]


def test_before_there_is_a_model_pictures_have_no_suggestion(services, champion, store):
    """And no reason: nobody has learnt anything yet."""
    alone = frame("x.jpg")
    store.save_images([alone], np.ones((1, FEATURES)), [Crop.FOUND])
    [found] = suggestions(services, NO_CHAMPION, champion.model.extractor, store, [alone])
    assert (found.suggestion, found.why_none) == (None, "")


@pytest.mark.parametrize("posed", [True, False])
def test_before_there_is_a_model_the_rules_suggest_for_videos(services, champion, store, posed):
    """As far as a body was found; a frame of each video, in the order of the frames."""
    truth = known(3)
    extractor = champion.model.extractor
    video_id, _ = stored_video(services, "a", extractor, truth, posed=posed)
    up = truth.push_off_frames[1]
    frames = [frame("x.jpg", video_id, index) for index in (up, up + 3)]
    found = suggestions(services, NO_CHAMPION, extractor, store, frames)
    labels = [each.suggestion.label if each.suggestion else None for each in found]
    assert labels == ([Label.PUSH_OFF, Label.NOT_PUSH_OFF] if posed else [None, None])
    assert all(each.by_rules == posed for each in found)
    stored = load_video_predictions(services.storage, video_id)
    assert (stored.version if stored else None) == (RULES if posed else None)


@pytest.mark.parametrize("posed", [True, False])
def test_a_champion_of_loose_pictures_leaves_videos_to_the_rules(services, store, posed):
    """Its picture head answers where the rules saw nobody, and for loose pictures."""
    model = tiny_model()
    truth = known(3)
    video_id, _ = stored_video(services, "a", model.extractor, truth, posed=posed)
    frames = [frame("x.jpg", video_id, truth.push_off_frames[1]), frame("y.jpg")]
    features = np.random.default_rng(1).normal(0, 1, (2, FEATURES))
    store.save_images(frames, features, [Crop.FOUND] * 2)
    champion = LoadedChampion("v1", model)
    of_video, of_picture = suggestions(services, champion, model.extractor, store, frames)
    head = model.picture.probabilities(store.rows(frames)[0])
    assert of_picture.suggestion.probability == pytest.approx(head[1], abs=1e-6)
    assert (of_video.by_rules, of_picture.by_rules) == (posed, False)
    if posed:
        assert of_video.suggestion == Suggestion(Label.PUSH_OFF, AT_PUSH_OFF)
    else:
        assert of_video.suggestion.probability == pytest.approx(head[0], abs=1e-6)
