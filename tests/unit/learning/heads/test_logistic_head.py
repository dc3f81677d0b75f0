"""A logistic-regression head on features."""

import numpy as np

from pushoff.errors import TooFewLabels
from pushoff.learning.heads.logistic_head import fit_logistic_head
from tests.unit.learning.learning_samples import refused


def two_classes(count=60, seed=1):
    rng = np.random.default_rng(seed)
    labels = np.arange(count) % 2
    return rng.normal(size=(count, 6)) + 3.0 * labels[:, None], labels


def test_separable_classes_are_separated():
    """Probabilities are on the right side of 0.5, and the same input gives the same head."""
    features, labels = two_classes()
    head = fit_logistic_head(features, labels)
    assert ((head.probabilities(features) > 0.5) == labels).mean() > 0.95
    again = fit_logistic_head(features, labels)
    assert np.array_equal(head.weight, again.weight) and head.bias == again.bias


def test_the_scale_of_the_features_does_not_matter():
    """Features in other units give the same probabilities."""
    features, labels = two_classes()
    scale = np.array([1, 10, 100, 1, 10, 100])
    plain = fit_logistic_head(features, labels).probabilities(features)
    scaled = fit_logistic_head(features * scale, labels).probabilities(features * scale)
    assert np.abs(plain - scaled).max() < 0.02


def test_a_label_of_weight_zero_teaches_nothing():
    """Wrong labels without weight leave the head as it is without them."""
    features, labels = two_classes()
    wrong = labels.copy()
    wrong[:10] = 1 - wrong[:10]
    weights = np.ones(len(labels))
    weights[:10] = 0
    head = fit_logistic_head(features, wrong, weights)
    assert ((head.probabilities(features) > 0.5) == labels).mean() > 0.9


def test_one_class_is_refused():
    """There is nothing to tell apart."""
    features, labels = two_classes()
    with refused(TooFewLabels, "one_class"):
        fit_logistic_head(features[labels == 1], labels[labels == 1])
