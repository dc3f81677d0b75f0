"""Training, validation and test for a backbone."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from pushoff.learning.data.splits import (
    BOUNDARY_GAP_S,
    split_validation_blocks,
    training_splits,
)
from pushoff.values import Label, Split
from tests.unit.learning.data.dataset_samples import frozen, labelled, some, video


def test_whole_folds_validate_where_there_are_enough():
    """With five athletes each has one use, and all three uses are there."""
    manifest = frozen(some({name: 30 for name in ("ana", "ben", "eva", "ida", "jan")}))
    splits = training_splits(manifest)
    assert splits == [manifest.split_of(frame.fold) for frame in manifest.frames]
    assert Counter(splits) == {Split.TEST: 30, Split.VAL: 30, Split.TRAIN: 90}


def test_blocks_validate_where_every_group_is_needed():
    """With two athletes one is the test, and a block of the other's video validates."""
    manifest = frozen(some({"ana": 60, "ben": 40}))
    uses = {}
    for frame, split in zip(manifest.frames, training_splits(manifest), strict=True):
        uses.setdefault(frame.split_group, Counter())[split] += 1
    assert uses["ben"] == {Split.TEST: 40}
    assert set(uses["ana"]) == {Split.TRAIN, Split.VAL, None}
    assert uses["ana"][Split.VAL] == 12 - 1  # a fifth, less the frame that is next to a boundary


def test_frames_in_a_gap_are_not_used():
    """Gaps of a division by time stay gaps."""
    manifest = frozen(video(600, period=20))
    splits = training_splits(manifest)
    assert [split is None for split in splits] == [frame.fold is None for frame in manifest.frames]


def test_with_one_fold_nothing_is_tested():
    """All is trained on, but for validation blocks."""
    manifest = frozen([labelled(row, Label(row == 20)) for row in range(40)])
    assert manifest.folds == (0,)
    assert set(training_splits(manifest)) == {Split.TRAIN, Split.VAL, None}


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 300), st.booleans()), max_size=60))
def test_validation_blocks_are_apart_from_training(rows):
    """Each training video has one; other frames keep their split or are dropped next to it."""
    frames = [
        labelled(number, Label(push_off), session=f"s{name}", time_s=position / 100)
        for number, (name, position, push_off) in enumerate(rows)
    ]
    splits = [Split.TEST if frame.video_id == "s0" else Split.TRAIN for frame in frames]
    result = split_validation_blocks(frames, splits)
    for name in {frame.video_id for frame in frames}:
        times = {use: [] for use in (*Split, None)}
        for frame, split in zip(frames, result, strict=True):
            if frame.video_id == name:
                times[split].append(frame.time_s)
        if name == "s0":
            assert not times[Split.TRAIN] and not times[Split.VAL] and not times[None]
            continue
        assert times[Split.VAL] or times[None]
        for time_s in times[Split.TRAIN]:
            assert all(abs(other - time_s) >= BOUNDARY_GAP_S - 1e-9 for other in times[Split.VAL])
