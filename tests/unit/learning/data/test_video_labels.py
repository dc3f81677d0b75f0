"""Labels of videos, by position."""

from dataclasses import replace

import pytest

from pushoff.learning.data.video_labels import labels_by_video, push_off_runs
from pushoff.values import Label
from tests.unit.learning.data.dataset_samples import frozen, labelled, marked, video


@pytest.mark.parametrize(
    ("positions", "runs"),
    [
        ([], []),
        ([1.0, 1.004, 1.008, 1.5], [1.008, 1.5]),  # three frames at 240/s
        ([0.3, 0.1, 0.2], [0.1, 0.2, 0.3]),  # a tenth of a second apart
        ([0.0, 0.09, 0.18], [0.18]),
    ],
)
def test_near_frames_are_one_push_off(positions, runs):
    """Consecutive push_off frames nearer than 0.1 s are one, which ends with the last of them."""
    assert push_off_runs(positions) == runs


def test_labels_of_single_frames():
    """In order of time, by video; where a frame has no time the tasks' numbers are positions."""
    frames = video(20, period=10, session="b")[::-1]
    loose = [labelled(900 + row, Label(row == 1), "a", "a") for row in range(3)]
    frames += [replace(frame, time_s=None) for frame in loose]
    first, second = labels_by_video(frozen(frames).frames, {})
    assert (first.video_id, first.push_offs, first.others) == ("a", (901.0,), (900.0, 902.0))
    assert (second.video_id, second.push_offs) == ("b", (9 / 30, 19 / 30))
    assert not first.timed and second.timed
    assert len(second.others) == 18 and second.span == pytest.approx(19 / 30)


def test_a_marked_video_and_its_labelled_frames():
    """Labels in the marked range are not counted again, others are; the athlete is the truth's."""
    known = marked("ana", push_offs=[10, 20], frames=30)
    known = replace(known, truth=replace(known.truth, complete_to=24))
    frames = [
        labelled(1, Label.PUSH_OFF, time_s=10 / 30),
        labelled(2, Label.PUSH_OFF, time_s=28 / 30),
        labelled(3, Label.NOT_PUSH_OFF, time_s=29 / 30),
    ]
    (labels,) = labels_by_video(frozen(frames).frames, {"s1": known})
    assert labels.push_offs == (10 / 30, 20 / 30, 28 / 30)
    assert len(labels.others) == 23 + 1 and labels.others[-1] == 29 / 30
    assert labels.split_group == "ana"
