"""The manifest of a data set."""

import dataclasses
import json

import pytest

from pushoff.errors import BadInput
from pushoff.learning.data.manifest import footage_of, label_weights, parse_manifest
from pushoff.util.canonical_json import canonical_json
from pushoff.values import Box
from tests.unit.learning.data.dataset_samples import frozen, some


def test_a_manifest_of_another_format_is_refused():
    """Its format number is not known."""
    with pytest.raises(BadInput):
        parse_manifest({"format": 99, "frames": []})


def test_accepted_suggestions_count_less():
    """The data set says which labels are accepted suggestions, and training weights them."""
    frames = some({"ana": 60, "ben": 40})
    frames = [dataclasses.replace(one, from_suggestion=one.task_id < 30) for one in frames]
    kept = frozen(frames).frames
    assert {one.task_id for one in kept if one.from_suggestion} == set(range(30))
    weights = label_weights(kept, 0.5)
    assert [0.5 if one.task_id < 30 else 1.0 for one in kept] == list(weights)


def test_a_manifest_survives_a_round_trip():
    """Stored as JSON and read again it is the same, with and without the athlete's box."""
    frames = some({"ana": 60, "ben": 40})
    frames[0] = dataclasses.replace(frames[0], box=Box(1, 2, 30, 40))
    manifest = frozen(frames)
    assert parse_manifest(json.loads(canonical_json(manifest.as_dict()))) == manifest


def test_a_label_counts_in_full_by_default():
    """Where a frame does not say that its label is an accepted suggestion, it counts in full."""
    content = frozen(some({"ana": 60, "ben": 40})).as_dict()
    for frame in content["frames"]:
        del frame["from_suggestion"]
    assert not any(frame.from_suggestion for frame in parse_manifest(content).frames)


@pytest.mark.parametrize("change", [
    {"split_by": "weather"}, {"frames": [{}]}, {"seed": "1"}, {"colour": "red"}, {"counts": None},
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
