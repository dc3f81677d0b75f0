"""Fitting of a picture head."""

import numpy as np
import pytest

from pushoff.errors import TooFewLabels
from pushoff.learning.backbone.network import FEATURES
from pushoff.learning.evaluation.metrics import average_precision, calibration_error
from pushoff.learning.heads.fit_picture import calibrate_picture_head, fit_picture_head
from tests.unit.learning.event_samples import rows
from tests.unit.learning.learning_samples import refused


def drawn(count, signal, share=0.5, seed=1):
    """Features of which the first says what the label is, as clearly as `signal`; the labels."""
    rng = np.random.default_rng(seed)
    labels = (rng.random(count) < share).astype(int)
    features = rng.normal(0, 1, (count, FEATURES)).astype(np.float32)
    features[:, 0] += signal * (2 * labels - 1)
    return features, labels


def test_held_out_pictures_are_predicted_by_a_head_that_did_not_see_them():
    """A head can learn any labels of few pictures by heart; held out they are guessed."""
    features, _ = drawn(200, 0)
    labels = np.random.default_rng(7).integers(0, 2, 200)
    fitted = fit_picture_head(features, rows(labels, np.arange(200) % 5), [0, 1, 2, 3, 4])
    assert average_precision(fitted.head.probabilities(features), labels) > 0.95
    assert average_precision(fitted.held_out, labels) < labels.mean() + 0.15


def test_what_was_never_held_out_has_no_prediction():
    """Folds that are not judged, pictures beside a boundary in time, and folds without which
    nothing is left to learn."""
    features, labels = drawn(90, 2)
    folds = np.arange(90) % 3 - 1  # -1: in a gap
    fitted = fit_picture_head(features, rows(labels, folds), [0])
    assert np.array_equal(np.isfinite(fitted.held_out), folds == 0)
    only = np.where(labels == 1, 0, 1)  # without fold 0 there is no push_off
    fitted = fit_picture_head(features, rows(labels, only), [0, 1])
    assert not np.isfinite(fitted.held_out).any()


def test_the_same_input_gives_the_same_head():
    """Byte for byte."""
    features, labels = drawn(120, 2)
    one, other = (fit_picture_head(features, rows(labels, np.arange(120) % 3), [0, 1, 2])
                  for _ in range(2))  # fmt: skip
    assert np.array_equal(one.head.weight, other.head.weight)
    assert np.array_equal(one.held_out, other.held_out)
    assert one.head.bias == other.head.bias


def calibrated(features, labels, counts=None):
    """A head calibrated on five folds; `counts` says how many pictures each one stands for."""
    fitted = fit_picture_head(features, rows(labels, np.arange(len(labels)) % 5), list(range(5)))
    ones = np.ones(len(labels)) if counts is None else counts
    return calibrate_picture_head(fitted, labels, ones)


@pytest.mark.parametrize("share", [0.1, 0.5])
@pytest.mark.parametrize("signal", [1.0, 3.0])
def test_probabilities_are_honest(signal, share):
    """Of pictures that were neither learnt from nor calibrated on, said with p, p are push_offs."""
    features, labels = drawn(900, signal, share)
    fitted = calibrated(features, labels)
    assert calibration_error(fitted.held_out, labels) < 0.06
    unseen, truth = drawn(2000, signal, share, seed=2)
    p = fitted.head.probabilities(unseen)
    assert calibration_error(p, truth) < 0.06


@pytest.mark.parametrize("share", [0.1, 0.5])
def test_the_likelier_label_is_right_mostly(share):
    """Of pictures that tell the label apart, at whatever share of push_offs."""
    features, labels = drawn(900, 3.0, share)
    unseen, truth = drawn(2000, 3.0, share, seed=2)
    named = calibrated(features, labels).head.probabilities(unseen) >= 0.5
    assert truth[named].mean() > 0.8
    assert truth[~named].mean() < 0.1


def test_labels_of_likely_push_offs_stand_for_all_pictures():
    """The queue asks for likely push-offs: half of the answers are, and one in ten pictures."""
    features, labels = drawn(600, 1.0, 0.5)
    unseen, truth = drawn(2000, 1.0, 0.1, seed=2)
    biased, honest = (
        calibration_error(calibrated(features, labels, counts).head.probabilities(unseen), truth)
        for counts in (None, np.where(labels == 1, 0.1 / 0.5, 0.9 / 0.5))
    )
    assert honest < 0.05 < 0.15 < biased


def test_without_anything_held_out_push_offs_are_rare():
    """Classes are balanced in fitting; before anything is held out a picture is what most are."""
    features, labels = drawn(300, 0.3, 0.1)
    fitted = fit_picture_head(features, rows(labels, 0), [])
    made = calibrate_picture_head(fitted, labels, np.ones(300))
    unseen, truth = drawn(1000, 0.3, 0.1, seed=2)
    before, after = (head.probabilities(unseen).mean() for head in (fitted.head, made.head))
    assert after < truth.mean() < before
    assert not np.isfinite(made.held_out).any()


def test_frames_without_an_athlete_teach_nothing():
    """Their features are zeros, whatever people answered; nothing is predicted of them."""
    features, labels = drawn(100, 2)
    folds = np.arange(100) % 2
    alone = fit_picture_head(features, rows(labels, folds), [0, 1])
    more = np.concatenate([features, np.zeros((40, FEATURES), np.float32)])
    answers = rows([*labels, *([1, 0, 0, 0] * 10)], [*folds, *([0, 1] * 20)])
    fitted = fit_picture_head(more, answers, [0, 1])
    assert np.array_equal(alone.head.weight, fitted.head.weight)
    assert np.array_equal(alone.held_out, fitted.held_out[:100])
    assert np.isnan(fitted.held_out[100:]).all()


def test_labels_of_less_weight_teach_less():
    """Wrong labels that are accepted suggestions hardly change a head that people taught."""
    features, labels = drawn(200, 2)
    wrong = rows(np.where(np.arange(200) < 60, 1 - labels, labels), 0)
    light = np.where(np.arange(200) < 60, 0.01, 1.0)
    heavy = fit_picture_head(features, wrong, []).head
    taught = fit_picture_head(
        features, type(wrong)(wrong.labels, wrong.folds, light, light == 1), []
    ).head
    unseen, truth = drawn(500, 2, seed=3)
    precision = [average_precision(head.probabilities(unseen), truth) for head in (taught, heavy)]
    assert precision[0] > precision[1]


def test_one_class_is_refused():
    """There is nothing to tell apart."""
    features, _ = drawn(20, 1)
    with refused(TooFewLabels, "one_class"):
        fit_picture_head(features, rows([1] * 20, 0), [])
