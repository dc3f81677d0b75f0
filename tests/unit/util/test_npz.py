"""Damaged .npz files raise what DAMAGED lists."""

import io

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pushoff.util.npz import DAMAGED


def archive() -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, values=np.arange(50), names=np.array(["a", "b"]))
    return buffer.getvalue()


SOUND = archive()


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(SOUND) - 1), st.integers(1, 255))
def test_a_changed_byte_is_unharmed_or_one_of_these(position, flip):
    """No other exception comes out of NumPy and zipfile."""
    data = bytearray(SOUND)
    data[position] ^= flip
    try:
        with np.load(io.BytesIO(bytes(data)), allow_pickle=False) as stored:
            {name: stored[name] for name in stored.files}
    except DAMAGED:
        pass


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_refused_by_one_of_these(data):
    """Bytes that are no archive never load."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as stored:
            raise AssertionError(f"loaded {stored.files}")
    except DAMAGED:
        pass
