"""Nearest indices, by property."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pushoff.util.nearest import nearest_indices


@given(
    st.lists(st.floats(0, 100), min_size=1, max_size=20, unique=True),
    st.lists(st.floats(-5, 105), min_size=1, max_size=10),
)
@settings(max_examples=50)
def test_no_other_time_is_nearer(sorted_s, times_s):
    """Each index is that of a nearest time."""
    ascending = np.sort(np.array(sorted_s))
    indices = nearest_indices(ascending, np.array(times_s))
    gaps = np.abs(ascending[None] - np.array(times_s)[:, None])
    assert np.allclose(gaps[np.arange(len(times_s)), indices], gaps.min(axis=1))
