"""Groups, blocks and folds of a division."""

import pytest

from pushoff.learning.data.division import Block, Division

BLOCKS = (Block(None, 2.0, 1), Block(2.5, 4.125, 0), Block(4.625, None, 1))
ASSIGNED = {"athlete": {"ana": 3}, "session": {"v1": 4}}
BY_TIME = Division("time", ASSIGNED, {"v1": BLOCKS, "v2": (Block(None, None, 2),)})


@pytest.mark.parametrize(
    ("position", "group", "fold"),
    [
        (0.0, "v1 -2", 1),
        (2.0, "v1 -2", 1),
        (2.2, "v1", None),
        (2.5, "v1 2.5-4.125", 0),
        (99.0, "v1 4.625-", 1),
    ],
)
def test_a_video_divided_by_time(position, group, fold):
    """Each block is a group; a frame in a gap is in no fold."""
    assert BY_TIME.group_at("ana", "v1", position) == group
    assert BY_TIME.fold_at("ana", "v1", position) == fold


@pytest.mark.parametrize(
    ("split_by", "group", "fold"), [("athlete", "ana", 3), ("session", "v1", 4)]
)
def test_a_division_by_group(split_by, group, fold):
    """The time of a frame does not matter."""
    division = Division(split_by, ASSIGNED, {})
    assert division.group_at("ana", "v1", 2.2) == group
    assert division.fold_at("ana", "v1", 2.2) == fold == division.fold_of_video("ana", "v1")
    assert division.fold_at("eva", "v9", 2.2) is None


def test_the_fold_of_a_video():
    """None where its blocks are in several."""
    assert BY_TIME.fold_of_video("ana", "v1") is None
    assert BY_TIME.fold_of_video("ana", "v2") == 2
    assert BY_TIME.group_at("ana", "v2", 1.0) == "v2"
    assert BY_TIME.fold_of_video("ana", "v9") is None is BY_TIME.fold_at("ana", "v9", 0.0)


def test_a_step_back_keeps_less_apart():
    """Athletes are better than sessions, and sessions than time."""
    by_session = Division("session", ASSIGNED, {})
    assert BY_TIME.is_step_back_from("session") and by_session.is_step_back_from("athlete")
    assert not by_session.is_step_back_from("session")
    assert not by_session.is_step_back_from("time")
