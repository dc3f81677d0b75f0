"""Labelled push-offs, what was found of them, and their blocks."""

import dataclasses

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pushoff.events.matching import match
from pushoff.learning.evaluation.push_off_blocks import (
    count_found,
    labelled_push_offs,
    match_ends,
    possible_ends,
    push_off_blocks,
)
from tests.unit.learning.evaluation.evaluation_samples import held_out, pictures, steps


def found(frames) -> tuple[int, int, int]:
    """Found, wrong and missed push-offs of all blocks."""
    return tuple(count_found(frames, push_off_blocks(frames)).sum(axis=0).tolist())


def test_a_run_of_frames_is_one_push_off_at_its_last_frame():
    """At 240/s three frames are push_off; only the last of them is the event."""
    assert [3] == labelled_push_offs([7, 8, 9, 10, 11], [0, 1, 1, 1, 0])


def test_a_run_ends_before_another_answer_or_a_gap():
    """Two push-offs with a not_push_off frame, or more than four frames, between them are two."""
    assert [0, 2] == labelled_push_offs([7, 8, 9], [1, 0, 1])
    assert [1] == labelled_push_offs([7, 11], [1, 1])
    assert [0, 1] == labelled_push_offs([7, 12], [1, 1])


def test_a_push_off_ends_where_its_labels_allow():
    """Of four push_off frames at 240/s the queue asks for one or two; the contact ends in the last
    of the four."""
    assert [(10, 13)] == possible_ends([10], [1], 3)  # any of the four
    assert [(10, 11)] == possible_ends([8, 10, 14], [1, 1, 0], 3)
    assert [(10, 11)] == possible_ends([10, 12], [1, 0], 3)  # not the third nor the fourth
    assert [(13, 13)] == possible_ends([10, 11, 12, 13], [1, 1, 1, 1], 3)
    assert [(20, 20)] == possible_ends([10, 14, 18, 20], [1, 1, 1, 1], 3)  # a whole contact
    assert [(10, 13), (20, 23)] == possible_ends([4, 10, 15, 20], [0, 1, 0, 1], 3)
    assert [(10, 10), (20, 20)] == possible_ends([4, 10, 15, 20], [0, 1, 0, 1], 0)  # at 30/s


def test_at_240_per_second_a_single_labelled_frame_does_not_say_which_it_is():
    """Each of the four in which the contact may end is right, and one frame beyond."""
    frames = held_out({"v": {10: 1}}, reaches={"v": 3})
    for frame, right in {8: 0, 9: 1, 10: 1, 13: 1, 14: 1, 15: 0}.items():
        assert found(dataclasses.replace(frames, push_offs={"v": (frame,)})) == (
            right,
            0,
            1 - right,
        )


@given(st.sets(st.integers(0, 60)), st.sets(st.integers(0, 60)), st.integers(0, 2))
def test_without_a_reach_ends_are_single_frames(found_frames, ends, tolerance):
    """Matching is then that of frames."""
    matching = match_ends(sorted(found_frames), [(end, end) for end in sorted(ends)], tolerance)
    assert matching == match(sorted(found_frames), sorted(ends), tolerance)


def test_a_push_off_one_frame_off_is_found():
    """One frame early or late counts, two do not."""
    labels = {"v": {8: 0, 9: 0, 10: 1, 11: 0, 12: 0}}
    assert [(1, 0, 0)] * 3 == [found(held_out(labels, {"v": [frame]})) for frame in (9, 10, 11)]
    assert (0, 1, 1) == found(held_out(labels, {"v": [12]}))


def test_each_push_off_is_found_once():
    """A second one beside it is wrong, because its frame was answered not_push_off."""
    labels = {"v": {9: 0, 10: 1, 11: 0}}
    assert (1, 1, 0) == found(held_out(labels, {"v": [9, 10]}))


def test_only_what_was_answered_counts():
    """A push-off on a frame without a label, or inside a run of push_off frames, is not wrong."""
    labels = {"v": {10: 1, 11: 1, 12: 1, 20: 0}}
    assert (1, 0, 0) == found(held_out(labels, {"v": [10, 12, 30]}))
    assert (1, 1, 0) == found(held_out(labels, {"v": [12, 20]}))
    assert (1, 0, 0) == found(held_out(labels, {"v": [13]}))


def test_a_picture_of_no_video_is_judged_alone():
    """Each is its own event, at the exact frame."""
    assert (1, 1, 1) == found(pictures([1, 1, 0, 0], [0.9, 0.1, 0.8, 0.2]))


def test_a_block_is_a_push_off_with_the_frames_nearest_to_it():
    """So that a wrong push-off is drawn together with its neighbours; nothing is in two blocks."""
    frames = steps(2, 2)
    blocks = push_off_blocks(frames)
    assert [9, 9] == np.bincount(blocks.of_frame).tolist() and blocks.has_push_off.all()
    assert [2] == blocks.push_offs_per_group.tolist()


def test_frames_without_a_push_off_are_a_block_of_their_video():
    """They hold wrong push-offs only."""
    frames = held_out({"v": {1: 0, 2: 0}, "w": {1: 1}}, {"v": [2]})
    blocks = push_off_blocks(frames)
    assert [0, 0, 1] == blocks.of_frame.tolist()
    assert [0, 1] == blocks.push_offs_per_group.tolist()
    assert [[0, 1, 0], [0, 0, 1]] == count_found(frames, blocks).tolist()


def test_blocks_of_one_video_stay_in_their_group():
    """Where a video is divided by time, no block spans two groups."""
    frames = held_out({"v": {1: 0, 2: 1, 3: 0, 4: 0}}, groups=("x", "x", "y", "y"))
    blocks = push_off_blocks(frames)
    assert [0, 0, 1, 1] == blocks.of_frame.tolist() and [0, 1] == blocks.groups.tolist()


answers = st.dictionaries(st.integers(0, 60), st.integers(0, 1), min_size=1)


@given(answers, st.sets(st.integers(0, 60)))
def test_counts_add_up(labels, push_offs):
    """Every labelled push-off is found or missed, and no more are counted than were found."""
    frames = held_out({"v": labels}, {"v": sorted(push_offs)})
    blocks = push_off_blocks(frames)
    right, wrong, missed = count_found(frames, blocks).sum(axis=0)
    assert right + missed == blocks.has_push_off.sum() and right + wrong <= len(push_offs)


@given(answers)
def test_the_labels_themselves_find_everything(labels):
    """The last frame of each run is exact: nothing is missed, nothing is wrong."""
    last = [frame for frame, label in labels.items() if label and labels.get(frame + 1) != 1]
    right, wrong, missed = found(held_out({"v": labels}, {"v": sorted(last)}))
    assert (0, 0) == (wrong, missed) and right <= len(last)
