"""Clips that are copies of others are found by their bytes."""

from hypothesis import given
from hypothesis import strategies as st

from pushoff.workflows.evaluate_model import find_copies


@given(st.lists(st.sampled_from("abc")))
def test_copies_are_those_with_the_bytes_of_an_earlier_clip(digests):
    """Each clip but the first of its bytes, whatever the names and folders."""
    clips = {f"folder{number}/{number}.mp4": digest for number, digest in enumerate(digests)}
    copies = find_copies(clips)
    assert len(copies) == len(digests) - len(set(digests))
    assert all(
        clips[name] == clips[original] and original not in copies
        for name, original in copies.items()
    )
