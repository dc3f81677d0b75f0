"""Labelled frames with what a model predicted for each while it was held out."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from pushoff.learning.data.dataset import build_dataset
from pushoff.learning.data.manifest import VideoTruth
from pushoff.learning.evaluation.held_out import NO_VIDEO
from pushoff.learning.evaluation.metrics import score
from pushoff.learning.features.feature_extractor import PLAIN
from pushoff.learning.heads.training_data import NO_FOLD
from pushoff.learning.model.held_out_predictions import HeldOutPredictions
from pushoff.services import Services, open_services
from pushoff.settings import Settings
from pushoff.storage.deletion import delete_video
from pushoff.workflows.steps.data.held_out_frames import held_out_frames, of_rules, with_new_videos
from tests.models import tiny_model
from tests.unit.learning.event_samples import (
    frame_labelled_video,
    known,
    known_video,
    known_videos,
    lone_pictures,
    training_data_of,
)
from tests.unit.workflows.workflow_samples import held_out_of, stored_video

DATA = training_data_of(
    [*known_videos("ab"), frame_labelled_video("f" * 16, "c", fold=2, accepted=0.5)],
    lone_pictures([0, 1, 1], [0, 1, 2]),
)


def test_every_labelled_frame_has_its_prediction():
    """Of videos and of lone pictures, each with its group, label and origin."""
    held_out = held_out_frames(DATA, held_out_of(DATA))
    assert len(held_out.labels) == sum(map(len, DATA.rows))
    assert np.array_equal(held_out.labels, np.concatenate([rows.labels for rows in DATA.rows]))
    assert np.array_equal(held_out.unaided, np.concatenate([rows.unaided for rows in DATA.rows]))
    assert set(held_out.groups) == {"a", "b", "c", "clip0", "clip1", "clip2"}
    assert held_out.video_ids[-3:] == DATA.pictures.names
    assert (held_out.frame_indices[-3:] == NO_VIDEO).all()
    assert np.array_equal(held_out.suggested, held_out.labels == 1)
    assert set(held_out.push_offs) == {video.video_id for video in DATA.videos}
    assert held_out.reaches == dict.fromkeys(held_out.push_offs, 0)  # they are at 30/s
    assert (held_out.footage, held_out.split_by) == ("synthetic", "athlete")
    card = score(held_out)
    assert (card.f1, card.f1_within_1, card.push_offs) == (1.0, 1.0, 6 + 6 + 10 + 2)


def test_the_rules_are_judged_on_the_videos_in_which_they_see_a_body():
    """They learnt from none, so every frame of those counts."""
    posed = known_video("1" * 16, "a", seed=1, posed=True)
    data = training_data_of([posed, known_video("2" * 16, "b", seed=2, fold=1)])
    by_rules = held_out_frames(data, of_rules(data))
    assert set(by_rules.push_offs) == {posed.video_id}
    assert score(by_rules).push_offs == 6


def test_footage_is_that_of_the_frames_that_are_judged():
    """A real video beside rendered ones: what is judged on it alone is a score on real footage."""
    real, *rendered = DATA.videos
    real = replace(real, footage="real")
    data = replace(DATA, videos=[real, *rendered])
    judged = held_out_frames(data, held_out_of(data))
    assert judged.footage == "mixed"
    own = [name for name in judged.ids if name[0] == real.video_id]
    assert judged.restricted_to(own).footage == "real"


def test_frames_that_were_not_held_out_are_left_out():
    """Those in a gap, those that the heads saw, and those of a video or picture without any."""
    count = len(known_video("v", "v").frame_folds)
    folds = np.repeat([0, NO_FOLD, 1], [30, 10, count - 40])
    video = known_video("1" * 16, "v", fold=folds)
    data = training_data_of([video, *DATA.videos[1:]], DATA.pictures, "time")
    predictions = held_out_of(data)
    known_video_ = predictions.videos[video.video_id]
    p = known_video_.probabilities.copy()
    p[folds == 1] = np.nan
    videos = {video.video_id: replace(known_video_, probabilities=p)}
    held_out = held_out_frames(data, HeldOutPredictions(videos, {DATA.pictures.names[1]: 0.25}))
    of_video = held_out.frame_indices[held_out.frame_indices != NO_VIDEO]
    assert of_video.tolist() == list(range(30))
    assert held_out.video_ids[-1] == DATA.pictures.names[1]
    assert len(held_out.labels) == 31
    assert held_out.probabilities[-1] == 0.25 and not held_out.suggested[-1]


def test_a_video_that_became_longer_is_no_error():
    """The camera's rate was corrected, or the file is read to its end now."""
    predictions = held_out_of(DATA)
    name = DATA.videos[0].video_id
    short = predictions.videos[name]
    cut = replace(
        short,
        probabilities=short.probabilities[:20],
        suggested=short.suggested[:20],
        picture_probabilities=short.picture_probabilities[:20],
    )
    held_out = held_out_frames(DATA, HeldOutPredictions({name: cut}))
    assert held_out.frame_indices.max() == 19


def test_without_predictions_there_are_no_frames():
    """Of a first model on one fold."""
    held_out = held_out_frames(DATA, HeldOutPredictions())
    assert len(held_out.labels) == 0 and held_out.push_offs == {}


@pytest.fixture
def services(tmp_path) -> Iterator[Services]:
    """Without Label Studio and Redis."""
    with open_services(Settings(_env_file=None, data_dir=tmp_path / "data")) as opened:
        yield opened


def test_a_champion_predicts_the_videos_it_never_learnt_from(services):
    """Its held-out predictions for its own training videos stay; deleted videos have none."""
    champion = tiny_model(sequence=True)
    names = {
        name: stored_video(services, name, champion.extractor, known(4), seed=seed)
        for seed, name in enumerate(("learnt", "new", "gone"))
    }
    (learnt, _), (new, features), (gone, _) = names.values()
    old = held_out_of(DATA).videos[DATA.videos[0].video_id]
    champion = replace(
        champion,
        trained_on=frozenset({learnt, "0" * 16}),
        held_out=HeldOutPredictions({learnt: old, "0" * 16: old}, {"picture": 0.5}),
    )
    truths = {name: VideoTruth(known(4), name, "real") for name in (learnt, new, gone)}
    dataset = build_dataset([], truths, {}, None)
    delete_video(services.storage, gone)
    predictions = with_new_videos(services, champion, dataset)
    assert set(predictions.videos) == {learnt, "0" * 16, new}
    assert predictions.videos[learnt] is old
    assert predictions.pictures == {"picture": 0.5}
    expected, found = champion.predict_video(features), predictions.videos[new]
    assert np.allclose(found.probabilities, expected.probabilities, atol=1e-6)
    assert np.array_equal(found.suggested, expected.suggested)
    assert found.push_offs == tuple(event.frame for event in expected.events)
    pictures = champion.picture.probabilities(features.views[PLAIN]["colours"])
    assert np.allclose(found.picture_probabilities, pictures, atol=1e-6)


@pytest.mark.parametrize(
    ("learnt_by", "groups", "new"),
    [
        # the heads, or only the backbone, know ana from another video
        ("trained_on", ("ana", "ana", "bo", "bo"), {2, 3}),
        ("backbone_saw", ("ana", "ana", "bo", "bo"), {2, 3}),
        # videos are held out: nobody knows who is in them, or there is one athlete
        ("trained_on", (None, None, None, None), {1, 2, 3}),
        ("trained_on", ("ana", "ana", "ana", "ana"), {1, 2, 3}),
    ],
)
def test_another_video_of_an_athlete_it_learnt_from_is_not_new(services, learnt_by, groups, new):
    """The candidate held the athlete out altogether, so the champion must not know them either."""
    champion = tiny_model(sequence=True)
    ids = [
        stored_video(services, f"video {number}", champion.extractor, known(4), seed=number)[0]
        for number in range(4)
    ]
    champion = replace(champion, **{learnt_by: frozenset({ids[0]})})
    truths = {
        name: VideoTruth(known(4), group or name, "real")
        for name, group in zip(ids, groups, strict=True)
    }
    dataset = build_dataset([], truths, {}, None)
    predicted = with_new_videos(services, champion, dataset).videos
    assert set(predicted) == {ids[number] for number in new}


def test_a_champion_of_pictures_alone_says_nothing_of_videos(services):
    """It has no sequence head."""
    champion = tiny_model()
    name, _ = stored_video(services, "new", champion.extractor, known(4))
    dataset = build_dataset([], {name: VideoTruth(known(4), name, "real")}, {}, None)
    assert with_new_videos(services, champion, dataset).videos == {}
