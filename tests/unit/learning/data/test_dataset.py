import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushoff.errors import TooFewLabels
from pushoff.learning.data.dataset import build_dataset
from pushoff.values import Label, Split
from tests.unit.learning.data.dataset_samples import frozen, labelled, shas, some


def sides_of(manifest):
    sides = {}
    for frame in manifest.frames:
        sides.setdefault(frame.split_group, set()).add(frame.split)
    return sides.values()


def test_the_held_out_athlete_is_in_no_other_split():
    """With three athletes, the test frames are of one who is not in training or validation."""
    manifest = frozen(some({"ana": 60, "ben": 40, "eva": 30}))
    assert manifest.split_by == "athlete" and manifest.independent
    assert [one for one in sides_of(manifest) if Split.TEST in one] == [{Split.TEST}]


def test_from_five_athletes_on_each_has_one_split():
    """With enough athletes, whole ones are used for validation, too."""
    manifest = frozen(some({"ana": 60, "ben": 40, "eva": 30, "ida": 30, "jan": 30}))
    assert set.union(*sides_of(manifest)) == set(Split)
    assert all(len(one) == 1 for one in sides_of(manifest))


@given(st.permutations(["ana", "ben", "eva", "ida", "jan"]), st.integers(0, 50))
def test_an_absent_athlete_returns_to_the_same_split(names, seed):
    """Labels that are missing for one run never turn a trained-on athlete into a test athlete."""
    all_five = some({name: 30 for name in names})
    first = frozen(all_five, seed=seed)
    without = [frame for frame in all_five if frame.split_group != names[0]]
    again = frozen(all_five, frozen(without, first, seed=seed), seed=seed)
    sides = {
        manifest_number: {frame.split_group: frame.split for frame in manifest.frames}
        for manifest_number, manifest in enumerate((first, again))
    }
    trained_on = {name for name, split in sides[0].items() if split is Split.TRAIN}
    assert {sides[1][name] for name in trained_on} == {Split.TRAIN}


def test_one_athlete_is_split_by_session():
    """With one athlete and several sessions no held-out session is trained on."""
    manifest = frozen(some({"ana": 90}, sessions=3))
    assert manifest.split_by == "session" and manifest.independent
    train = {f.video_id for f in manifest.select(Split.TRAIN)}
    assert train.isdisjoint(manifest.held_out_sessions)


def test_one_session_is_cut_in_time_with_a_gap():
    """With one session the test block is a tenth of a second away from training, and optimistic."""
    frames = [labelled(i, Label(i % 3 == 0), time_s=i / 60) for i in range(120)]
    manifest = frozen(frames)
    assert manifest.split_by == "time" and not manifest.independent
    train = max(f.time_s for f in manifest.select(Split.TRAIN))
    val = manifest.select(Split.VAL)
    test = min(f.time_s for f in manifest.select(Split.TEST))
    assert min(f.time_s for f in val) - train >= 0.1 - 1e-9
    assert test - max(f.time_s for f in val) >= 0.1 - 1e-9


def test_time_cuts_stay_where_they_were():
    """New labels of a session cut in time get the split of their time."""
    even = [labelled(i, Label(i % 3 == 0), time_s=i / 60) for i in range(0, 120, 2)]
    first = frozen(even)
    odd = [labelled(i, Label(i % 3 == 0), time_s=i / 60) for i in range(1, 120, 2)]
    second = frozen(even + odd, first)
    held_out = {f.task_id for f in first.select(Split.TEST)}
    trained = {f.task_id for f in second.select(Split.TRAIN)}
    assert held_out and held_out.isdisjoint(trained)


def test_a_session_once_cut_is_only_trained_on_when_a_second_athlete_comes():
    """A model was trained on a part of it, so it is never an independent test."""
    first = frozen([labelled(i, Label(i % 3 == 0), time_s=i / 60) for i in range(120)])
    more = some({"ben": 40}, first=500)
    frames = [labelled(i, Label(i % 3 == 0), time_s=i / 60) for i in range(120)] + more
    second = frozen(frames, first)
    assert second.split_by == "athlete"
    assert {f.split_group for f in second.select(Split.TEST)} == {"ben"}


def test_the_same_labels_give_the_same_manifest():
    """Order and time of the labels do not matter: the fingerprint names the content."""
    frames = some({"ana": 60, "ben": 40})
    assert frozen(frames) == frozen(frames[::-1])


@pytest.mark.parametrize("sessions", [1, 2, 3, 4])
@pytest.mark.parametrize("athletes", [("ana",), ("ana", "ben"), ("ana", "ben", "eva")])
def test_freezing_again_changes_nothing(athletes, sessions):
    """A data set built on top of itself is the same: a repeated job trains on the same frames."""
    frames = some({name: 72 for name in athletes}, sessions=sessions)
    first = frozen(frames)
    assert frozen(frames, first) == first


def test_duplicates_count_once_and_contradictions_not_at_all():
    """An image labelled twice is one frame; with two labels it is none; both are counted."""
    frames = some({"ana": 60, "ben": 40})
    twin = dataclasses.replace(frames[0], task_id=900)
    liar = dataclasses.replace(frames[1], task_id=901, label=Label(1 - frames[1].label))
    ghost = labelled(902, Label.PUSH_OFF)
    known = shas(frames)
    pictures = {**known, twin.key: known[frames[0].key], liar.key: known[frames[1].key]}
    manifest = build_dataset([*frames, twin, liar, ghost], pictures, None, 7)
    assert manifest.excluded == {
        "same picture twice": 1, "same picture, two labels": 2, "image unavailable": 1,
    }  # fmt: skip
    assert len(manifest.frames) == 99


@pytest.mark.parametrize(
    "frames, code",
    [
        ([], "too_few"),
        ([labelled(i, Label.NOT_PUSH_OFF) for i in range(40)], "too_few_of_a_class"),
        ([labelled(i, Label(i < 12), time_s=0.0) for i in range(40)], "cannot_be_split"),
    ],
)
def test_too_few_labels_are_refused(frames, code):
    """Too few labels, one class or labels that cannot be split: refused, with what to label."""
    with pytest.raises(TooFewLabels) as refusal:
        frozen(frames)
    assert code == refusal.value.code and refusal.value.remedy
