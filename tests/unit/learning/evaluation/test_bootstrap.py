"""Resampling in two levels, and the scores of many samples at once."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pushoff.learning.evaluation.bootstrap import (
    resample,
    resampled_average_precision,
    resampled_f1,
)
from pushoff.learning.evaluation.metrics import average_precision, f1_score


@given(st.lists(st.integers(0, 4), min_size=1, max_size=30), st.integers(0, 5))
def test_groups_are_drawn_whole_and_blocks_within_them(groups, seed):
    """Each sample has as many groups as there are, each with as many blocks as it has."""
    groups = np.array(groups)
    sizes = {name: int(np.sum(groups == name)) for name in np.unique(groups)}
    for weights in resample(groups, seed, draws=20):
        times = [weights[groups == name].sum() / size for name, size in sizes.items()]
        assert sum(times) == len(sizes) and all(drawn == int(drawn) for drawn in times)


def test_a_seed_gives_the_same_samples():
    """So that a comparison can be repeated."""
    groups = np.array([0, 0, 1, 2])
    assert np.array_equal(resample(groups, 3), resample(groups, 3))
    assert not np.array_equal(resample(groups, 3), resample(groups, 4))


def test_more_groups_scatter_less():
    """The standard error of a share falls with the number of groups, not of push-offs alone."""
    right = np.array([[1, 0, 0]] * 5 + [[0, 0, 1]] * 5)
    spread = [np.nanstd(resampled_f1(right, resample(np.arange(10) // size, 1))) for size in (5, 1)]
    assert spread[0] > 1.3 * spread[1]


probabilities = st.lists(
    st.tuples(st.sampled_from([0.0, 0.2, 0.5, 0.7, 1.0]), st.integers(0, 1), st.integers(0, 3)),
    min_size=1,
    max_size=30,
)


@settings(deadline=None)
@given(probabilities)
def test_average_precision_is_scikit_learns(rows):
    """Of each sample, as if its frames were listed as often as they were drawn; ties too."""
    p, y, block_of = (np.array([row[column] for row in rows]) for column in range(3))
    weights = resample(np.arange(4), 1, draws=3)
    for sample, value in zip(
        weights, resampled_average_precision(p, y, block_of, weights), strict=True
    ):
        frames = np.repeat(np.arange(len(p)), sample[block_of])
        if y[frames].any():
            assert value == pytest.approx(average_precision(p[frames], y[frames]))
        else:
            assert np.isnan(value)


def test_many_frames_are_computed_in_parts():
    """Each part of the samples gives what one computation of all gives."""
    rng = np.random.default_rng(1)
    p, y, block_of = rng.random(9000), rng.integers(0, 2, 9000), np.arange(9000) // 90
    weights = resample(np.arange(100) // 10, 1, draws=300)
    values = resampled_average_precision(p, y, block_of, weights)
    assert values[[0, 299]] == pytest.approx(
        np.concatenate(
            [resampled_average_precision(p, y, block_of, weights[[row]]) for row in (0, 299)]
        )
    )


def test_f1_of_samples():
    """2 tp / (2 tp + fp + fn); a sample without a push-off has no F1."""
    counts = np.array([[1, 0, 0], [0, 1, 1], [0, 1, 0]])
    weights = np.array([[2, 1, 0], [0, 1, 1], [0, 0, 3]])
    assert [f1_score(2, 1, 1), 0.0] == resampled_f1(counts, weights)[:2].tolist()
    assert np.isnan(resampled_f1(counts, weights)[2])
