"""The frames that every strategy sees."""

import numpy as np
import pytest

from pushoff.active.pool import LabelledPool, Pool, empty_labelled_pool


def test_an_empty_labelled_pool_has_the_width_of_the_features():
    """No frame, but as many columns as the features have, so that both can be concatenated."""
    labelled = empty_labelled_pool(4)
    assert len(labelled) == 0
    assert np.concatenate([np.ones((2, 4)), labelled.features]).shape == (2, 4)


@pytest.mark.parametrize("column", ["video_ids", "groups", "times_s", "probabilities"])
def test_columns_of_different_lengths_are_refused(column):
    """A column that is shorter than the features is named."""
    columns = {
        "video_ids": ("a", "a"),
        "groups": ("a", "a"),
        "times_s": np.zeros(2),
        "probabilities": np.zeros(2),
    }
    assert len(Pool(np.zeros((2, 3)), **columns)) == 2
    with pytest.raises(ValueError, match=column):
        Pool(np.zeros((2, 3)), **{**columns, column: columns[column][:1]})


def test_a_pool_counts_its_labels():
    """The length of a labelled pool is its number of labels."""
    labelled = LabelledPool(np.zeros((2, 3)), np.array([0, 1]), ("a", "a"), ("a", "a"), np.zeros(2))
    assert len(labelled) == 2
