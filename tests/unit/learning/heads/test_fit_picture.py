"""Fitting of a picture head."""

import numpy as np
import pytest

from pushoff.errors import TooFewLabels
from pushoff.learning.backbone.network import FEATURES
from pushoff.learning.evaluation.metrics import average_precision, calibration_error
from pushoff.learning.heads.fit_picture import MIN_PRECISION, fit_picture_head
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
    assert (1.0, 0.5) == (fitted.head.temperature, fitted.head.threshold)


def test_the_same_input_gives_the_same_head():
    """Byte for byte."""
    features, labels = drawn(120, 2)
    one, other = (fit_picture_head(features, rows(labels, np.arange(120) % 3), [0, 1, 2])
                  for _ in range(2))  # fmt: skip
    assert np.array_equal(one.head.weight, other.head.weight)
    assert np.array_equal(one.held_out, other.held_out)
    assert (one.head.bias, one.head.threshold) == (other.head.bias, other.head.threshold)


@pytest.mark.parametrize("signal", [1.0, 3.0])
def test_probabilities_are_honest(signal):
    """Of pictures that were neither learnt from nor calibrated on, said with p, p are push_offs."""
    features, labels = drawn(900, signal)
    head = fit_picture_head(features, rows(labels, np.arange(900) % 5), list(range(5))).head
    unseen, truth = drawn(2000, signal, seed=2)
    p = head.probabilities(unseen)
    assert calibration_error(p, truth) < 0.06
    assert average_precision(p, truth) > 0.8


@pytest.mark.parametrize(("share", "signal"), [(0.1, 0.3), (0.1, 1.0), (0.1, 2.0), (0.5, 0.3)])
def test_push_off_is_suggested_where_that_is_mostly_right(share, signal):
    """Of the held-out pictures that the threshold calls push_off, MIN_PRECISION are; where that
    cannot be reached it hardly calls any so."""
    features, labels = drawn(300, signal, share)
    fitted = fit_picture_head(features, rows(labels, np.arange(300) % 5), list(range(5)))
    suggested = fitted.held_out >= fitted.head.threshold
    assert 0 < fitted.head.threshold < 1
    assert suggested.sum() < 3 or labels[suggested].mean() >= MIN_PRECISION - 1e-9


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
