"""Both heads fitted on one backbone, judged on what was held out."""

import dataclasses

import numpy as np
import pytest
import torch

from pushoff.errors import TooFewLabels
from pushoff.learning.evaluation.metrics import average_precision, calibration_error
from pushoff.learning.heads.fit_model import fit_model
from pushoff.learning.heads.hold_out import MAX_ROUNDS
from pushoff.learning.model.picture_head import PictureHead
from tests.unit.learning.event_samples import (
    CONFIG,
    FEW,
    FIT,
    frame_labelled_video,
    in_two_halves,
    known,
    known_video,
    known_videos,
    lone_pictures,
    small_extractor,
    training_data_of,
    video_of,
)
from tests.unit.learning.learning_samples import card, refused


@pytest.fixture(scope="module")
def extractor():
    return small_extractor()


def fitted(extractor, data, config=FIT, **how):
    return fit_model(extractor, data, card(size_px=64), config, **how)


@pytest.fixture(scope="module")
def model(extractor):
    """Fitted on four athletes, and its progress: two videos marked, two with labelled frames."""
    videos = [
        *known_videos("abc"),
        frame_labelled_video("d" * 16, "d", fold=3),
        frame_labelled_video("e" * 16, "e", 51, fold=4),
    ]
    reports = []
    data = training_data_of(videos, lone_pictures([0, 1] * 6, [0, 0, 1, 1] * 3))
    return fitted(extractor, data, on_progress=reports.append), data, reports


def test_every_video_is_judged_by_heads_that_did_not_see_it(model):
    """Every labelled frame and picture has a prediction from while its fold was held out, and the
    push-offs are found all the same."""
    made, data, _ = model
    assert made.trained_on == {video.video_id for video in data.videos} == set(made.held_out.videos)
    assert set(made.held_out.pictures) == set(data.pictures.names)
    for video in data.videos:
        found = made.held_out.videos[video.video_id]
        labels = video.rows.labels
        assert np.isfinite(found.probabilities).all()
        assert average_precision(found.probabilities[video.frames], labels) > 0.9
        assert average_precision(found.picture_probabilities[video.frames], labels) > 0.5
        ends = video.frames[labels == 1]
        assert np.mean(np.isin(ends, found.push_offs)) > 0.7
        assert found.suggested[list(found.push_offs)].all()


def test_progress_is_reported(model):
    """At most MAX_ROUNDS fits hold folds out, and one is of everything."""
    stages = [report.stage for report in model[2]]
    assert stages == ["holding out"] * MAX_ROUNDS + ["fitting"]


def test_random_labels_are_guessed_while_they_are_held_out(extractor):
    """Heads that saw them would know them: those fitted on everything do."""
    rng = np.random.default_rng(5)
    labels = {frame: int(rng.random() < 0.5) for frame in range(0, 128, 2)}
    planted = frame_labelled_video("9" * 16, "z", fold=2, labels=labels)
    slow = dataclasses.replace(CONFIG, fit=dataclasses.replace(CONFIG.fit, steps=250))
    data = training_data_of([*known_videos("ab"), planted])
    made = fitted(extractor, data, dataclasses.replace(FIT, sequence=slow))
    found = made.held_out.videos[planted.video_id]
    y = planted.rows.labels
    for p, seen in (
        (found.probabilities, made.sequence.score_frames(planted.features).push_off),
        (found.picture_probabilities, made.picture.probabilities(planted.pictures)),
    ):
        known = seen if len(seen) == len(y) else seen[planted.frames]
        assert average_precision(p[planted.frames], y) < y.mean() + 0.2
        assert average_precision(known, y) > 0.9


def test_what_no_head_held_out_has_no_held_out_prediction(extractor):
    """Of a retrained backbone one fold is judged: the other part of a video was trained on."""
    folds, videos = in_two_halves()
    made = fitted(extractor, training_data_of(videos, split_by="time"), FEW, judged=[0])
    for video in videos:
        found = made.held_out.videos[video.video_id]
        assert np.array_equal(np.isnan(found.probabilities), folds == 1)
        assert not found.suggested[folds == 1].any()
        assert not np.isin(found.push_offs, np.flatnonzero(folds == 1)).any()


def test_only_judged_folds_are_held_out(extractor):
    """The others' videos are learnt from and have no held-out prediction."""
    videos = known_videos("abc")
    made = fitted(extractor, training_data_of(videos, lone_pictures([0, 1], [0, 1])), FEW,
                  judged=[1])  # fmt: skip
    assert {videos[1].video_id} == set(made.held_out.videos)
    assert 1 == len(made.held_out.pictures)
    assert made.trained_on == {video.video_id for video in videos}


@pytest.mark.parametrize("loose", [(), ([0, 1] * 3, 0)])
def test_one_fold_gives_no_held_out_prediction(extractor, loose):
    """There is a model, and nothing to judge it on."""
    data = training_data_of(known_videos("aa"), lone_pictures(*loose))
    made = fitted(extractor, data, FEW)
    assert made.sequence and not made.held_out.videos and not made.held_out.pictures
    assert "" == made.sequence.settings.confidence.measured_on


def test_lone_pictures_give_a_model_without_a_sequence_head(extractor):
    """Judged like any other; videos cannot be analysed with it."""
    data = training_data_of([], lone_pictures([0, 1] * 10, [0, 0, 1, 1] * 5))
    made = fitted(extractor, data)
    assert made.sequence is None and made.predict_video(video_of(known(2))) is None
    assert not made.held_out.videos and set(made.held_out.pictures) == set(data.pictures.names)
    assert made.trained_on == frozenset()
    assert {len(data.pictures)} == {len(made.novelty_detector.pictures)}
    assert made.novelty_detector.limit is None and not len(made.novelty_detector.frames)


@pytest.mark.parametrize("marked", [True, False])
def test_whole_videos_and_labelled_frames_both_teach(extractor, marked):
    """Each alone makes both heads; the push-offs of another video are found."""
    videos = known_videos("abc") if marked else [
        frame_labelled_video(f"{n:016x}", str(n), 50 + n, n) for n in range(3)
    ]  # fmt: skip
    made = fitted(extractor, training_data_of(videos))
    unseen = known_video("u", "u", seed=30)
    found = made.predict_video(unseen.features)
    labels = unseen.rows.labels
    assert average_precision(found.probabilities[unseen.frames], labels) > 0.9
    assert average_precision(made.picture.probabilities(unseen.pictures), labels) > 0.6


def test_accepted_suggestions_weigh_less(extractor):
    """Wrong answers of little weight change less than wrong answers of a person."""
    wrong = {up + 6: 1 for up in known(10).push_off_frames}
    wrong |= {up: 0 for up in known(10).push_off_frames}
    unseen = known_video("u", "u", seed=30)
    at = np.array(unseen.truth.push_off_frames)
    certainty = []
    for accepted in (0.05, 1.0):
        misled = frame_labelled_video("9" * 16, "z", labels=wrong, accepted=accepted)
        made = fitted(extractor, training_data_of([*known_videos("a"), misled]))
        curve = made.sequence.score_frames(unseen.features).push_off
        pictures = made.picture.logits(unseen.pictures)
        is_up = np.isin(unseen.frames, at)
        certainty.append(
            (curve[at].mean() - curve[at[:-1] + 6].mean(),
             pictures[is_up].mean() - pictures[~is_up].mean())
        )  # fmt: skip
    (light_curve, light_picture), (heavy_curve, heavy_picture) = certainty
    assert light_curve > heavy_curve and light_picture > heavy_picture


def test_probabilities_are_honest_on_videos_nobody_trained_on(model):
    """Of frames and events said with p, about a share of p are push_off."""
    made, _, _ = model
    unseen = [known_video("u", "u", 10, seed=30 + number) for number in range(3)]
    found = [made.predict_video(video.features) for video in unseen]
    p = np.concatenate([f.probabilities[v.frames] for f, v in zip(found, unseen, strict=True)])
    y = np.concatenate([video.rows.labels for video in unseen])
    assert calibration_error(p, y) < 0.08
    pairs = zip(found, unseen, strict=True)
    right = [
        (event.probability, event.frame in video.truth.push_off_frames)
        for prediction, video in pairs
        for event in prediction.events
    ]
    said, truth = np.array(right).T
    assert abs(said.mean() - truth.mean()) < 0.2
    picture = np.concatenate([made.picture.probabilities(video.pictures) for video in unseen])
    assert calibration_error(picture, y) < 0.15


def weights(model):
    """Every number of a model's heads."""
    tensors = [t for head in model.sequence.heads for t in head.state_dict().values()]
    return [*tensors, torch.from_numpy(model.picture.weight)]


def test_the_same_input_gives_the_same_model(extractor):
    """Weights, settings and held-out predictions, whatever was fitted before."""
    data = training_data_of(known_videos("ab"), lone_pictures([0, 1], [0, 1]))
    one, other = (fitted(extractor, data, FEW) for _ in range(2))
    assert all(map(torch.equal, weights(one), weights(other)))
    assert one.sequence.settings == other.sequence.settings
    arrays = [made.held_out.arrays() for made in (one, other)]
    assert arrays[0].keys() == arrays[1].keys()
    assert all(np.array_equal(arrays[0][name], arrays[1][name]) for name in arrays[0])
    seeded = fitted(extractor, data, dataclasses.replace(FEW, seed=2))
    assert not all(map(torch.equal, weights(one), weights(seeded)))


def test_videos_without_an_athlete_leave_the_picture_head(extractor):
    """Nobody was found in them, so nothing can be followed; the labelled pictures still teach."""
    video = known_video("v", "a")
    empty = dataclasses.replace(video, features=video_of(video.truth, seen=False))
    made = fitted(extractor, training_data_of([empty]), FEW)
    assert made.sequence is None and isinstance(made.picture, PictureHead)


def test_without_push_offs_or_labels_nothing_is_fitted(extractor):
    """One class, or nothing at all."""
    with refused(TooFewLabels, "one_class"):
        fitted(extractor, training_data_of(known_videos("ab", count=0)), FEW)
    with refused(TooFewLabels, "no_label"):
        fitted(extractor, training_data_of([]), FEW)
