"""What `pushoff evaluate` says of clips that prove nothing."""

from hypothesis import given
from hypothesis import strategies as st

from sdk_scripts.evaluate import copies_of, doubts


@given(st.lists(st.sampled_from("abc")))
def test_copies_are_those_with_the_bytes_of_one_before(digests):
    """Each clip but the first of its bytes, whatever the names and folders."""
    clips = {f"folder{number}/{number}.mp4": digest for number, digest in enumerate(digests)}
    copies = copies_of(clips)
    assert len(copies) == len(digests) - len(set(digests))
    assert all(
        clips[name] == clips[other] and other not in copies for name, other in copies.items()
    )


def test_each_doubt_is_a_sentence():
    """How many of how many, and which are copies of which; nothing where there is no doubt."""
    assert [] == doubts(3, 0, {})
    known, twice = doubts(5, 2, {"x/a.mp4": "a.mp4"})
    assert "2 of these 5 clips are videos the model was trained on, or a copy" in known
    assert "1 of these 5 clips is a copy of others" in twice and "x/a.mp4 of a.mp4" in twice
