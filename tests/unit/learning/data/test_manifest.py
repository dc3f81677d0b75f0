"""The manifest of a data set."""

import dataclasses
import json

import pytest

from pushoff.errors import BadInput
from pushoff.learning.data.manifest import footage_of, label_weights, parse_manifest
from pushoff.util.canonical_json import canonical_json
from pushoff.values import Box, Label, Split
from tests.unit.learning.data.dataset_samples import frozen, labelled, marked, some, video


def test_a_manifest_of_another_format_is_refused():
    """Its format number is not known, or is that of data sets of one project."""
    for other in (99, 3):
        with pytest.raises(BadInput) as refusal:
            parse_manifest({"format": other, "frames": []})
        assert refusal.value.code == "wrong_format" and refusal.value.remedy


def test_accepted_suggestions_count_less():
    """The data set says which labels are accepted suggestions, and training weights them."""
    frames = some({"ana": 60, "ben": 40})
    frames = [dataclasses.replace(one, from_suggestion=one.task_id < 30) for one in frames]
    kept = frozen(frames).frames
    assert {one.task_id for one in kept if one.from_suggestion} == set(range(30))
    weights = label_weights(kept, 0.5)
    assert [0.5 if one.task_id < 30 else 1.0 for one in kept] == list(weights)


def test_a_manifest_survives_a_round_trip():
    """Stored as JSON and read again it is the same: boxes, whole videos, blocks and lineage."""
    frames = some({"ana": 60, "ben": 40})
    frames[0] = dataclasses.replace(frames[0], box=Box(1, 2, 30, 40), frame_index=7)
    before = frozen(video(120, period=20))
    assert parse_manifest(json.loads(canonical_json(before.as_dict()))) == before
    manifest = frozen(frames, before, {"s9": marked("eva")})
    assert before.blocks and manifest.lineage and manifest.truths
    assert parse_manifest(json.loads(canonical_json(manifest.as_dict()))) == manifest


def test_a_label_counts_in_full_by_default():
    """Where a frame does not say that its label is an accepted suggestion, it counts in full."""
    content = frozen(some({"ana": 60, "ben": 40})).as_dict()
    for frame in content["frames"]:
        del frame["from_suggestion"]
    assert not any(frame.from_suggestion for frame in parse_manifest(content).frames)


@pytest.mark.parametrize("change", [
    {"split_by": "weather"}, {"frames": [{}]}, {"seed": "1"}, {"colour": "red"}, {"counts": None},
    {"project_id": 7}, {"truths": {"s1": {}}}, {"blocks": {"s1": [[0, 1]]}},
    {"push_offs": {"a": 1}},
])  # fmt: skip
def test_a_manifest_with_a_wrong_value_is_refused(change):
    """Every field has its type, and no other field is there."""
    with pytest.raises(BadInput):
        parse_manifest({**frozen(some({"ana": 60, "ben": 40})).as_dict(), **change})


def test_real_and_synthetic_footage_is_mixed():
    """Scores from real and synthetic frames together are called mixed."""
    frames = frozen(some({"ana": 60, "ben": 40})).frames
    assert footage_of(frames) == "real"
    assert footage_of([frames[0], dataclasses.replace(frames[1], footage="synthetic")]) == "mixed"


def test_counts_are_of_the_folds_in_use():
    """By fold and class; a push-off at 240/s has three frames and counts once."""
    frames = [
        labelled(row, Label(row % 60 >= 57), "ab"[row >= 240], f"s{row >= 240}", row / 240)
        for row in range(480)
    ]
    manifest = frozen(frames)
    assert manifest.folds == (0, 1) and manifest.push_offs == {0: 4, 1: 4}
    assert manifest.counts == {fold: {"push_off": 12, "not_push_off": 228} for fold in (0, 1)}


@pytest.mark.parametrize(
    ("groups", "uses"),
    [
        ({"ana": 60, "ben": 60}, ["test", "train"]),
        ({"ana": 60, "ben": 60, "eva": 60}, ["test", "val", "train"]),
        # the third athlete alone is too little to train on
        ({"ana": 120, "ben": 120, "eva": 4}, ["test", "train", "train"]),
        (dict.fromkeys("abcdef", 30), ["test", "val", "train", "train", "train"]),
    ],
)
def test_the_use_of_a_fold_for_a_backbone(groups, uses):
    """Fold 0 is the test, fold 1 validates where enough is left to train on."""
    growing = None
    for count in range(1, len(groups) + 1):  # one athlete after another: folds are in this order
        growing = frozen(some(dict(list(groups.items())[:count])), growing)
    assert [growing.split_of(fold).value for fold in growing.folds] == uses


def test_a_single_fold_is_trained_on():
    """There is nothing to hold out."""
    manifest = frozen([labelled(row, Label(row == 0)) for row in range(10)])
    assert manifest.folds == (0,) and manifest.split_of(0) is Split.TRAIN


def test_a_fold_without_push_offs_tests_nothing():
    """Groups that have none yet: the next fold that has some is the test."""
    manifest = frozen(some({"ana": 60, "ben": 60}))
    without = dataclasses.replace(
        manifest,
        counts={0: {}, 1: {}, 2: {}},
        push_offs={0: 0, 1: 5, 2: 5},
    )
    assert [without.split_of(fold) for fold in (0, 1, 2)] == [Split.TRAIN, Split.TEST, Split.TRAIN]


def test_frames_can_be_selected():
    """By fold and by video."""
    manifest = frozen(some({"ana": 60, "ben": 40}, sessions=2))
    assert manifest.select() == manifest.frames
    assert {frame.fold for frame in manifest.select(1)} == {1}
    assert {frame.video_id for frame in manifest.select(video_ids=["ana-1"])} == {"ana-1"}
    assert not manifest.select(0, video_ids=["ana-1"]) or not manifest.select(
        1, video_ids=["ana-1"]
    )
