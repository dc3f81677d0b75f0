"""Groups, blocks and folds of a division."""

import pytest

from pushoff.learning.data.division import Block, Division

BLOCKS = (Block(None, 2.0, 1), Block(2.5, 4.125, 0), Block(4.625, None, 1))
ASSIGNED = {"athlete": {"ana": 3}, "session": {"v1": 4}}
BY_TIME = Division("time", ASSIGNED, {"v1": BLOCKS, "v2": (Block(None, None, 2),)})


@pytest.mark.parametrize(
    ("position", "fold"), [(0.0, 1), (2.0, 1), (2.2, None), (2.5, 0), (99.0, 1)]
)
def test_a_video_divided_by_time(position, fold):
    """Each block has its fold, both ends included; a frame in a gap is in none."""
    assert BY_TIME.fold_at("ana", "v1", position) == fold


@pytest.mark.parametrize(("split_by", "fold"), [("athlete", 3), ("session", 4)])
def test_a_division_by_group(split_by, fold):
    """The time of a frame does not matter."""
    division = Division(split_by, ASSIGNED, {})
    assert division.fold_at("ana", "v1", 2.2) == fold == division.fold_of_video("ana", "v1")
    assert division.fold_at("eva", "v9", 2.2) is None


def test_the_name_of_a_block():
    """It says its ends, and is the video's where the block is all of it."""
    names = [block.name("v1") for block in (*BLOCKS, Block(None, None, 2))]
    assert names == ["v1 -2", "v1 2.5-4.125", "v1 4.625-", "v1"]


def test_the_fold_of_a_video():
    """None where its blocks are in several."""
    assert BY_TIME.fold_of_video("ana", "v1") is None
    assert BY_TIME.fold_of_video("ana", "v2") == 2
    assert BY_TIME.fold_of_video("ana", "v9") is None is BY_TIME.fold_at("ana", "v9", 0.0)


def test_a_step_back_keeps_less_apart():
    """Athletes are better than sessions, and sessions than time."""
    by_session = Division("session", ASSIGNED, {})
    assert BY_TIME.is_step_back_from("session") and by_session.is_step_back_from("athlete")
    assert not by_session.is_step_back_from("session")
    assert not by_session.is_step_back_from("time")
