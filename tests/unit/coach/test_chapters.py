"""pushoff/coach/chapters.py: which files are one video."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushoff.coach.chapters import group_chapters
from pushoff.errors import BadInput


@pytest.mark.parametrize(
    ("names", "wanted"),
    [
        (["GH010123.MP4", "GH020123.MP4"], [[0, 1]]),
        (["GX020007.MP4", "hops.mov", "gx010007.mp4"], [[2, 0], [1]]),
        (["GP010123.MP4", "GOPR0123.MP4", "GP020123.MP4"], [[1, 0, 2]]),
        (["GH010123.MP4", "GH010124.MP4"], [[0], [1]]),
        (["GH010123.MP4", "GX020123.MP4"], [[0], [1]]),
        (["GH020123.MP4"], [[0]]),
        (["GH010123.MP4.mp4", "GH020123.MP4"], [[0], [1]]),
        (["a.mp4", "a.mp4"], [[0], [1]]),
    ],
)
def test_chapters_of_one_recording_are_one_video(names: list[str], wanted: list[list[int]]) -> None:
    """Chapters are grouped by the number of their recording, in order; other files stay alone."""
    assert group_chapters(names) == wanted


@given(st.lists(st.integers(1, 12), min_size=1, max_size=5), st.randoms())
def test_every_file_is_in_exactly_one_video(lengths: list[int], dice: random.Random) -> None:
    """In any order of files: none is lost, none appears twice, chapters are sorted."""
    names = [
        f"GX{chapter:02d}{number:04d}.MP4"
        for number, length in enumerate(lengths)
        for chapter in range(1, length + 1)
    ]
    dice.shuffle(names)
    found = group_chapters(names)
    assert sorted(index for video in found for index in video) == list(range(len(names)))
    assert sorted(len(video) for video in found) == sorted(lengths)
    for video in found:
        chapters = [int(names[index][2:4]) for index in video]
        assert chapters == list(range(1, len(chapters) + 1))


def test_a_missing_or_duplicate_chapter_is_refused() -> None:
    """A gap, and the same chapter of two cameras."""
    with pytest.raises(BadInput) as gap:
        group_chapters(["GH030123.MP4", "GH010123.MP4"])
    assert gap.value.code == "missing_chapter"
    with pytest.raises(BadInput) as duplicate:
        group_chapters(["GH010123.MP4", "GH010123.MP4"])
    assert duplicate.value.code == "duplicate_chapter"
