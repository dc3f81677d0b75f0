"""Folds that a trained backbone has not seen."""

from pushoff.learning.data.backbone_folds import names_seen, unseen_folds
from pushoff.learning.data.splits import training_splits
from pushoff.values import Split
from tests.unit.learning.data.dataset_samples import frozen, some

FIVE = {"ana": 20, "ben": 20, "cleo": 20, "dora": 20, "eva": 20}


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
