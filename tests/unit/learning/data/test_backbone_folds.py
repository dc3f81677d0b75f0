"""Folds that a trained backbone has not seen."""

from dataclasses import replace

from pushoff.learning.data.backbone_folds import names_seen, unseen_folds
from pushoff.learning.data.splits import training_splits
from pushoff.values import Split
from tests.unit.learning.data.dataset_samples import frozen, some, video

FIVE = {"ana": 20, "ben": 20, "cleo": 20, "dora": 20, "eva": 20}
USED = (Split.TRAIN, Split.VAL)


def test_only_the_test_fold_is_unseen_by_a_backbone():
    """What it was trained and validated on is no evidence; no athlete is named."""
    manifest = frozen(some(FIVE))
    splits = training_splits(manifest)
    seen = names_seen(manifest, splits)
    test = {f.fold for f, split in zip(manifest.frames, splits, strict=True) if split is Split.TEST}
    assert set(unseen_folds(manifest, seen)) == test
    assert not seen & set(FIVE)


def test_all_folds_are_unseen_by_initial_weights():
    """They were trained on no video of ours."""
    manifest = frozen(some(FIVE))
    assert unseen_folds(manifest, frozenset()) == list(manifest.folds)


def test_a_new_athlete_is_unseen_and_an_old_one_is_not():
    """Also after the division went on without the backbone."""
    manifest = frozen(some(FIVE))
    seen = names_seen(manifest, training_splits(manifest))
    later = frozen(some({**FIVE, "finn": 20}), manifest)
    unseen = set(unseen_folds(later, seen))
    for frame in later.frames:
        if frame.fold in unseen:
            assert frame.video_id not in seen


def numbered(frames):
    return [replace(frame, frame_index=frame.task_id) for frame in frames]


def test_a_video_cut_anew_is_unseen_only_where_no_frame_was_seen():
    """The backbone was trained on other stretches of it than the heads are."""
    before = frozen(numbered(video(90, 10)))
    splits = training_splits(before)
    seen = names_seen(before, splits)
    assert before.split_by == "time" and unseen_folds(before, seen)
    later = frozen(numbered(video(300, 10)))
    assert later.blocks != before.blocks
    trained = {f.task_id for f, split in zip(before.frames, splits, strict=True) if split in USED}
    unseen = unseen_folds(later, seen)
    assert unseen and not trained & {f.task_id for f in later.frames if f.fold in unseen}


def test_of_a_video_that_was_seen_as_a_whole_no_stretch_is_unseen():
    """Also where so many labels were deleted that it is cut in time now."""
    manifest = frozen(numbered(video(90, 10)))
    assert unseen_folds(manifest, {"s1"}) == []


def test_lone_pictures_are_unseen_one_by_one():
    """They are named by their digest, however the labels are divided."""
    manifest = frozen(video(90, 10))
    splits = training_splits(manifest)
    test = {f.fold for f, split in zip(manifest.frames, splits, strict=True) if split is Split.TEST}
    assert set(unseen_folds(manifest, names_seen(manifest, splits))) == test
