"""Learning curves measured on nested subsets of the labels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushoff.active.label_quality.learning_curve import (
    LabelledFeatures,
    measure_curve,
    subset_sizes,
)
from pushoff.active.label_quality.stopping import expected_gain
from pushoff.errors import TooFewLabels


def part(count, seed, athletes, apart=2.5):
    """Frames of a few athletes, of two classes that overlap, in 24 features."""
    rng = np.random.default_rng(seed)
    labels = (rng.random(count) < 0.35).astype(int)
    direction = np.ones(24) / 24**0.5
    features = rng.normal(size=(count, 24)) + apart * labels[:, None] * direction
    return LabelledFeatures(features, labels, tuple(f"{athletes}{row % 6}" for row in range(count)))


@given(st.integers(0, 5000))
def test_shares_are_nested_and_end_with_all(count):
    """Sizes rise to the number of labels, and none is smaller than twenty."""
    sizes = subset_sizes(count)
    assert list(sizes) == sorted(set(sizes))
    assert (not sizes and count < 20) or (sizes[-1] == count and sizes[0] >= 20)


def test_the_same_labels_give_the_same_curve():
    """Run twice, curve and gain are the same."""
    parts = part(120, 1, "a"), part(60, 2, "v"), part(120, 3, "t")
    one, two = measure_curve(*parts), measure_curve(*parts)
    assert one.f1 == two.f1 and expected_gain(one) == expected_gain(two)


def test_labels_of_one_class_are_refused():
    """A curve of labels that all say the same cannot be."""
    same = part(120, 1, "a")
    same.labels[:] = 0
    with pytest.raises(TooFewLabels):
        measure_curve(same, part(60, 2, "v"), part(60, 3, "t"))
