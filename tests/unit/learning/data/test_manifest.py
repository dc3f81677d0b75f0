"""The manifest of a data set."""

import dataclasses
import json

import pytest

from pushoff.errors import BadInput
from pushoff.learning.data.dataset import build_dataset
from pushoff.learning.data.manifest import footage_of, label_weights, parse_manifest
from pushoff.util.canonical_json import canonical_json
from pushoff.values import Box, FrameKey, Label, LabelledFrame


def labelled(task_id: int, label: Label, group="ana", session="s1", time_s=None, footage="real"):
    return LabelledFrame(
        task_id=task_id, image=f"/data/{task_id}.jpg", label=label, split_group=group,
        video_id=session, footage=footage, box=None,
        time_s=task_id / 10 if time_s is None else time_s, from_suggestion=False,
    )  # fmt: skip


def some(groups_: dict[str, int], first=0, sessions=1) -> list[LabelledFrame]:
    frames, task = [], first
    for group, count in groups_.items():
        for row in range(count):
            frames.append(
                labelled(task, Label(row * 7 % 10 < 3), group, f"{group}-{row % sessions}")
            )
            task += 1
    return frames


def shas(frames) -> dict[FrameKey, str]:
    return {frame.key: f"{frame.task_id:064x}" for frame in frames}


def frozen(frames, previous=None, **kwargs):
    return build_dataset(frames, shas(frames), previous, 7, **{"min_labels": 20, **kwargs})


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
