"""What heads are fitted on."""

import numpy as np
import pytest

from pushoff.events.ground_truth import push_off_mask
from pushoff.learning.features.feature_extractor import PLAIN
from pushoff.learning.heads.targets import UNKNOWN
from pushoff.learning.heads.training_data import NO_FOLD
from tests.unit.learning.event_samples import (
    frame_labelled_video,
    known_video,
    lone_pictures,
    training_data_of,
)


def test_a_marked_video_teaches_all_of_its_frames():
    """Push-offs, contact, flight and feet, without any single label."""
    video = known_video("v", "a")
    targets = video.example().targets
    assert targets.events == video.truth.push_off_frames
    assert {0.0, 1.0} == set(targets.push_off) == set(targets.contact)
    assert {0.0, 1.0} < set(targets.near)


def test_labelled_frames_teach_only_what_was_answered():
    """All other frames are unknown; the labels' weights are those of the frames."""
    video = frame_labelled_video("v", "a", accepted=0.25)
    targets = video.example().targets
    assert set(np.flatnonzero(targets.push_off != UNKNOWN)) == set(video.frames)
    assert targets.events == tuple(video.frames[video.rows.labels == 1])
    assert {0.25} == set(targets.weight[video.frames])
    assert {1.0} == set(np.delete(targets.weight, video.frames))


def test_without_marks_contacts_are_those_of_the_pose_rules():
    """Where landmarks are known; without them nothing is known of contacts but the push-offs."""
    posed, plain = (
        frame_labelled_video("v", "a", posed=posed).example().targets for posed in (True, False)
    )
    assert (posed.contact == 0).sum() > 40 < (posed.contact == 1).sum() + 20
    assert not (plain.contact == 0).any()
    assert np.array_equal(posed.push_off, plain.push_off)


@pytest.mark.parametrize("marked", [True, False])
def test_a_held_out_video_teaches_nothing(marked):
    """A fold of others changes nothing."""
    video = (known_video if marked else frame_labelled_video)("v", "a", fold=2)
    assert video.folds == {2}
    assert video.example([2]) is None is video.example([1, 2])
    left, whole = video.example([1]), video.example()
    assert left is not None and np.array_equal(left.targets.push_off, whole.targets.push_off)


@pytest.mark.parametrize("marked", [True, False])
def test_of_a_video_divided_in_time_the_held_out_part_and_the_gap_teach_nothing(marked):
    """Neither as targets nor as windows; fitted on everything, the gap teaches, too."""
    count = len(known_video("v", "a", 10).frame_folds)
    folds = np.repeat([0, NO_FOLD, 1], [60, 8, count - 68])
    video = known_video("v", "a", 10, fold=folds)
    if not marked:
        video = frame_labelled_video("v", "a", fold=folds, posed=True)
    assert video.folds == {0, 1}
    for held_out, kept in ((0, 1), (1, 0)):
        targets = video.example([held_out]).targets
        hidden = folds != kept
        for name in ("push_off", "contact", "near", "approach"):
            assert {UNKNOWN} == set(getattr(targets, name)[hidden])
        assert targets.events and not hidden[list(targets.events)].any()
    assert (video.example().targets.push_off[folds == NO_FOLD] != UNKNOWN).any()


def test_a_labelled_frame_is_a_picture_alone_as_well():
    """Its features are those of the frame as it was filmed."""
    video = frame_labelled_video("v", "a")
    assert np.array_equal(video.pictures, video.features.views[PLAIN]["colours"][video.frames])


def test_data_know_their_folds_and_rows():
    """Of videos and lone pictures together."""
    videos = [known_video("v", "a", fold=3), frame_labelled_video("w", "b", fold=1)]
    data = training_data_of(videos, lone_pictures([0, 1], [1, NO_FOLD]))
    assert data.folds == [1, 3]
    assert [len(rows) for rows in data.rows] == [len(videos[0].frames), 50, 2]
    assert training_data_of([], lone_pictures([1], NO_FOLD)).folds == []


def test_the_labels_of_a_marked_video_are_those_an_annotator_would_give():
    """At every rate: the labels of this sample, and of a real one, follow `frame_label`."""
    for step in (1, 8):
        video = known_video("v", "a", step=step)
        mask = push_off_mask(np.asarray(video.features.times_s), video.truth.push_off_frames)
        assert np.array_equal(mask[video.frames], video.rows.labels == 1)
