"""The choice between athletes, videos and blocks of time."""

import pytest

from pushoff.learning.data.balance import choose_division
from pushoff.learning.data.division import Division
from pushoff.learning.data.video_labels import VideoLabels


def labels(video_id, athlete, push_offs, others=10):
    return VideoLabels(
        video_id,
        athlete,
        tuple(2.0 * number + 1 for number in range(push_offs)),
        tuple(number / 2 for number in range(others)),
        True,
    )


def after(split_by, **assignments):
    return Division(split_by, assignments, {})


@pytest.mark.parametrize(
    ("videos", "previous", "split_by"),
    [
        # two athletes with push-offs; one; a guest with few, who can be and cannot be avoided
        ([("v1", "ana", 5), ("v2", "ben", 5)], None, "athlete"),
        ([("v1", "ana", 5), ("v2", "ana", 5)], None, "session"),
        ([("v1", "ana", 9), ("v2", "ana", 9), ("v3", "ben", 2)], None, "session"),
        ([("v1", "ana", 9), ("v3", "ben", 1)], None, "athlete"),
        ([("v1", "ana", 9), ("v2", "ben", 0)], None, "time"),
        # nobody says who is in the videos; of one it is known
        ([("v1", "v1", 5), ("v2", "v2", 5)], None, "session"),
        ([("v1", "v1", 9)], None, "time"),
        ([("v1", "ana", 5), ("v2", "v2", 5)], None, "athlete"),
        ([("v1", "ana", 5), ("v2", "ben", 5)], "session", "athlete"),
        # athletes in use stay in use, sessions only while athletes do not balance
        ([("v1", "ana", 9), ("v2", "ana", 9), ("v3", "ben", 2)], "athlete", "athlete"),
        ([("v1", "ana", 9), ("v2", "ana", 1), ("v3", "ben", 2)], "session", "session"),
        ([("v1", "ana", 9), ("v2", "ana", 1), ("v3", "ben", 9)], "session", "athlete"),
        # time is left at once
        ([("v1", "ana", 9), ("v3", "ben", 1)], "time", "athlete"),
        ([("v1", "ana", 9), ("v2", "ana", 1)], "time", "session"),
        # labels were deleted
        ([("v1", "ana", 9), ("v2", "ana", 9)], "athlete", "session"),
        ([("v1", "ana", 9)], "athlete", "time"),
    ],
)
def test_the_first_kind_that_balances(videos, previous, split_by):
    """Athletes, else videos, else time."""
    before = after(previous) if previous else None
    assert choose_division([labels(*row) for row in videos], before, 1).split_by == split_by


def test_athletes_locked_in_one_fold_do_not_balance():
    """Without push-offs they came into one fold. Videos can be held out, so videos are."""
    videos = [labels("v1", "ana", 5), labels("v2", "ben", 5)]
    before = after("time", athlete={"ana": 0, "ben": 0})
    assert choose_division(videos, before, 1).split_by == "session"


def test_the_folds_of_absent_groups_are_kept():
    """By kind: a division by another kind neither uses nor changes them."""
    videos = [labels("v1", "ana", 5), labels("v2", "ben", 5)]
    before = after("athlete", athlete={"ana": 3, "eva": 0}, session={"v1": 4})
    division = choose_division(videos, before, 1)
    assert division.assignments["session"] == {"v1": 4}
    assert division.assignments["athlete"] == {"ana": 3, "eva": 0, "ben": 1}
