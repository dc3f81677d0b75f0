import dataclasses
import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pushoff.errors import TooFewLabels
from pushoff.learning.data.dataset import build_dataset
from pushoff.learning.data.folds import FOLDS
from pushoff.util.canonical_json import canonical_json
from pushoff.values import Label
from tests.unit.learning.data.dataset_samples import (
    frozen,
    labelled,
    marked,
    shas,
    some,
    video,
)


def folds_of(manifest, kind="split_group"):
    """The folds of each group's frames."""
    folds = {}
    for frame in manifest.frames:
        folds.setdefault(getattr(frame, kind), set()).add(frame.fold)
    return folds


@st.composite
def streams(draw):
    """Labels of a few athletes and videos, as they come from annotators."""
    athletes = draw(st.integers(1, 4))
    videos = draw(st.integers(athletes, 6))
    # more of the first video than of others, so that divisions by time are among them
    choices = [0, 0, *range(videos)]
    rows = draw(
        st.lists(st.tuples(st.sampled_from(choices), st.integers(0, 59), st.booleans()),
                 min_size=8, max_size=50, unique_by=lambda row: row[:2])
    )  # fmt: skip
    return [
        labelled(number, Label(push_off), f"a{name % athletes}", f"v{name}", position / 10)
        for number, (name, position, push_off) in enumerate(rows)
    ]


def series(frames, batch):
    """The data sets after every `batch` labels, each on top of the last; without those refused."""
    manifests = []
    for count in range(batch, len(frames) + 1, batch):
        try:
            manifests.append(frozen(frames[:count], manifests[-1] if manifests else None))
        except TooFewLabels:
            continue
    return manifests


def test_a_held_out_athlete_is_in_no_other_fold():
    """With three athletes each is in a fold of its own."""
    manifest = frozen(some({"ana": 60, "ben": 40, "eva": 30}))
    assert manifest.split_by == "athlete" and manifest.independent
    assert manifest.folds == (0, 1, 2)
    assert sorted(map(list, folds_of(manifest).values())) == [[0], [1], [2]]


def test_the_fold_that_a_backbone_holds_out_is_the_smallest():
    """Of two athletes the one with more push-offs is trained on."""
    assert folds_of(frozen(some({"ana": 60, "ben": 40}))) == {"ana": {1}, "ben": {0}}


def test_push_offs_are_balanced_and_not_frames():
    """Twelve athletes: no fold has two push-offs more than another, whatever else is labelled."""
    frames = [
        labelled(100 * group + row, Label(row <= group), f"a{group}", f"v{group}")
        for group in range(12)
        for row in range(60 - 3 * group)
    ]
    frames = [dataclasses.replace(frame, time_s=float(frame.task_id)) for frame in frames]
    manifest = frozen(frames)
    assert len(manifest.folds) == FOLDS
    assert sum(manifest.push_offs.values()) == sum(f.label is Label.PUSH_OFF for f in frames)
    assert max(manifest.push_offs.values()) - min(manifest.push_offs.values()) <= 2


@given(st.permutations(["ana", "ben", "eva", "ida", "jan"]), st.integers(0, 50))
def test_an_absent_athlete_returns_to_the_same_fold(names, seed):
    """Labels that are missing for one run never move an athlete to another fold."""
    all_five = some({name: 30 for name in names})
    first = frozen(all_five, seed=seed)
    without = [frame for frame in all_five if frame.split_group != names[0]]
    again = frozen(all_five, frozen(without, first, seed=seed), seed=seed)
    assert folds_of(again) == folds_of(first)


@given(streams(), st.integers(1, 8))
@settings(max_examples=150, deadline=None)
def test_a_group_is_in_one_fold_for_ever(frames, batch):
    """However labels come in, a group is in one fold, and stays there once it was in one."""
    remembered = {"athlete": {}, "session": {}}
    for manifest in series(frames, batch):
        assert all(0 <= fold < FOLDS for fold in manifest.folds)
        kinds = {"athlete": "split_group", "session": "video_id"}
        if manifest.split_by != "time":
            folds = folds_of(manifest, kinds[manifest.split_by])
            for name, found in folds.items():
                before = remembered[manifest.split_by].setdefault(name, next(iter(found)))
                assert found == {before}
        for kind, names in remembered.items():
            assert names.items() <= manifest.assignments.get(kind, {}).items()


@given(streams(), st.integers(1, 8))
@settings(max_examples=150, deadline=None)
def test_every_frame_is_in_one_fold_or_in_a_gap(frames, batch):
    """Only a division by time has gaps, counts are of what is in folds, and nothing is lost."""
    for manifest in series(frames, batch):
        in_gaps = [frame for frame in manifest.frames if frame.fold is None]
        assert manifest.split_by == "time" or not in_gaps
        in_folds = sum(sum(counts.values()) for counts in manifest.counts.values())
        assert in_folds + len(in_gaps) == len(manifest.frames)
        assert {frame.fold for frame in manifest.frames} - {None} == set(manifest.folds)
        assert bool(manifest.blocks) == (manifest.split_by == "time")
        division = manifest.division
        for frame in manifest.frames:
            own = division.fold_at(frame.split_group, frame.video_id, frame.position)
            assert own == frame.fold


@given(streams(), st.integers(1, 8))
@settings(max_examples=150, deadline=None)
def test_labels_that_are_added_never_lead_back(frames, batch):
    """By time, then by session, then by athlete, and each change is in the lineage."""
    order = ["time", "session", "athlete"]
    for before, after in pairwise(series(frames, batch)):
        assert order.index(after.split_by) >= order.index(before.split_by)
        changed = after.split_by != before.split_by or any(
            after.blocks[name] != blocks for name, blocks in before.blocks.items()
        )
        assert len(after.lineage) == len(before.lineage) + changed
        assert after.lineage[: len(before.lineage)] == before.lineage


@given(streams(), st.integers(0, 3), st.randoms(use_true_random=False))
@settings(max_examples=50, deadline=None)
def test_the_same_labels_give_the_same_manifest(frames, seed, rng):
    """In any order, byte for byte, and also on top of itself: the fingerprint names the content."""
    try:
        first = frozen(frames, seed=seed)
    except TooFewLabels:
        return
    shuffled = rng.sample(frames, len(frames))
    data = canonical_json(first.as_dict())
    assert canonical_json(frozen(shuffled, seed=seed).as_dict()) == data
    assert canonical_json(frozen(shuffled, first, seed=seed).as_dict()) == data


@pytest.mark.parametrize("sessions", [1, 2, 3, 4])
@pytest.mark.parametrize("athletes", [("ana",), ("ana", "ben"), ("ana", "ben", "eva")])
def test_freezing_again_changes_nothing(athletes, sessions):
    """A data set built on top of itself is the same: a repeated job trains on the same frames."""
    frames = some({name: 72 for name in athletes}, sessions=sessions)
    first = frozen(frames)
    assert frozen(frames, first) == first


def test_one_athlete_is_divided_by_session():
    """With one athlete and several sessions no held-out session is trained on."""
    manifest = frozen(some({"ana": 90}, sessions=3))
    assert manifest.split_by == "session" and manifest.independent
    assert sorted(map(list, folds_of(manifest, "video_id").values())) == [[0], [1], [2]]


def test_one_session_is_cut_in_time_with_a_gap():
    """With one video, blocks of it are half a second apart, and scores of them are optimistic."""
    manifest = frozen(video(120, period=20))
    assert manifest.split_by == "time" and not manifest.independent
    assert len(manifest.folds) >= 2 and all(manifest.push_offs.values())
    in_folds = [frame for frame in manifest.frames if frame.fold is not None]
    for before, after in pairwise(sorted(in_folds, key=lambda frame: frame.position)):
        assert before.fold == after.fold or after.time_s - before.time_s >= 0.5


def test_time_cuts_stay_where_they_were():
    """New labels of a session cut in time get the fold of their time."""
    frames = video(240, period=20)
    first = frozen([frame for frame in frames if frame.task_id % 3])
    second = frozen(frames, first)
    assert second.blocks == first.blocks and not second.lineage
    folds = {frame.task_id: frame.fold for frame in second.frames}
    assert {frame.task_id: frame.fold for frame in first.frames}.items() <= folds.items()


def test_cuts_that_no_longer_balance_are_made_anew():
    """A video labelled from its beginning: later push-offs are not all in its last block."""
    frames = video(600, period=20)
    manifest = None
    for count in range(50, 601, 50):
        manifest = frozen(frames[:count], manifest)
        assert manifest.split_by == "time"
        total = sum(manifest.push_offs.values())
        assert len(manifest.folds) == 1 or max(manifest.push_offs.values()) <= 0.6 * total
    assert len(manifest.folds) == FOLDS and manifest.lineage


def test_a_division_by_time_is_left_when_a_second_athlete_has_a_push_off():
    """Although every group was trained on before: the lineage tells, and scores are independent."""
    first = frozen(video(120, period=20))
    more = some({"ben": 40}, first=500)
    second = frozen([*video(120, period=20), *more], first)
    assert (first.split_by, second.split_by) == ("time", "athlete")
    assert folds_of(second).keys() == {"ana", "ben"} and len(second.folds) == 2
    assert second.lineage == ("divided by time until 160 labels, by athlete from then on",)
    assert frozen([*video(120, period=20), *more], second).lineage == second.lineage


def test_athletes_are_left_when_their_labels_are_deleted():
    """Nothing else is left to hold out; the lineage tells, and later the folds are as before."""
    both = some({"ana": 60, "ben": 40})
    first = frozen(both)
    only_ana = [frame for frame in both if frame.split_group == "ana"]
    second = frozen(only_ana, first)
    assert second.split_by == "time" and len(second.lineage) == 1
    third = frozen(both, second)
    assert third.split_by == "athlete" and folds_of(third) == folds_of(first)
    assert len(third.lineage) == 2


def test_an_unbalanced_athlete_is_not_held_out_while_sessions_balance():
    """One push-off of a second athlete does not take all others from training."""
    frames = some({"ana": 300}, sessions=3)
    guest = [
        labelled(900, Label.PUSH_OFF, "ben", "b"),
        labelled(901, Label.NOT_PUSH_OFF, "ben", "b"),
    ]
    assert frozen([*frames, *guest]).split_by == "session"
    more = some({"ben": 300}, first=1000)
    later = frozen([*frames, *more], frozen([*frames, *guest]))
    assert later.split_by == "athlete" and len(later.lineage) == 1


def test_the_first_division_does_not_lock_later_ones():
    """Labels in the order of a queue: one in twelve is a push-off, late in its clip.

    The first data sets know push-offs of one clip only and are divided by time. All the same the
    parts of the later ones are whole clips, and none has half of the push-offs or next to nothing.
    """
    clips = [
        labelled(100 * clip + row, Label(row in (30, 40, 50, 55)), f"a{clip}", f"c{clip}", row / 30)
        for clip in range(10)
        for row in range(60)
    ]
    rng = random.Random(1)
    rng.shuffle(clips)
    push_offs = [frame for frame in clips if frame.label is Label.PUSH_OFF]
    push_offs.sort(key=lambda frame: frame.video_id != "c0")
    others = [frame for frame in clips if frame.label is not Label.PUSH_OFF]
    queue = [
        frame
        for number, push_off in enumerate(push_offs)
        for frame in (*others[11 * number : 11 * (number + 1)], push_off)
    ]
    manifests = series(queue, 12)
    assert [manifest.split_by for manifest in manifests] == ["time"] * 4 + ["athlete"] * 36
    last = manifests[-1]
    assert last.lineage[-1] == "divided by time until 60 labels, by athlete from then on"
    assert len(last.folds) == FOLDS and sum(last.push_offs.values()) == 40
    assert all(4 <= count <= 16 for count in last.push_offs.values())


def test_ten_answered_steps_are_enough():
    """From the first push_off and not_push_off label on there is a data set."""
    labels = [Label.NOT_PUSH_OFF, Label.PUSH_OFF, Label.NOT_PUSH_OFF]
    steps = [
        labelled(3 * step + row, label, "ana", "s1", step / 4 + row / 30)
        for step in range(10)
        for row, label in enumerate(labels)
    ]
    first = frozen(steps[:3])
    assert first.folds == (0,) and first.push_offs == {0: 1} and not first.independent
    manifest = frozen(steps, first)
    assert len(manifest.folds) >= 2


def test_whole_videos_are_divided_with_the_labelled_frames():
    """They count with their push-offs, and a video is in one fold with all its labels."""
    truths = {"s1": marked("ana"), "s2": marked("ben"), "s3": marked("s3")}
    frames = [
        *video(30, period=10, session="s2", group="ben"),
        labelled(500, Label.PUSH_OFF, "eva", "s3", 20.0),
    ]
    manifest = frozen(frames, truths=truths)
    assert manifest.split_by == "athlete"
    assert {known.fold for known in manifest.truths.values()} == set(manifest.folds) == {0, 1, 2}
    assert manifest.truths["s3"].split_group == "eva"  # a label of the video names the athlete
    assert sum(manifest.push_offs.values()) == 8 + 8 + 9
    for frame in manifest.frames:
        assert manifest.truths[frame.video_id].fold == frame.fold


def test_a_single_whole_video_is_cut_in_time():
    """Without any labelled frame: its blocks are the folds, and any frame's fold is known."""
    manifest = frozen([], truths={"s1": marked("ana", range(20, 290, 20), 300)})
    assert manifest.split_by == "time" and manifest.truths["s1"].fold is None
    assert len(manifest.folds) >= 3 and manifest.frames == ()
    division = manifest.division
    folds = {division.fold_at("ana", "s1", frame / 30) for frame in range(300)}
    assert folds == {None, *manifest.folds}


def test_duplicates_count_once_and_contradictions_not_at_all():
    """An image labelled twice is one frame; with two labels it is none; both are counted."""
    frames = some({"ana": 60, "ben": 40})
    twin = dataclasses.replace(frames[0], task_id=900)
    liar = dataclasses.replace(frames[1], task_id=901, label=Label(1 - frames[1].label))
    ghost = labelled(902, Label.PUSH_OFF)
    known = shas(frames)
    pictures = {**known, twin.key: known[frames[0].key], liar.key: known[frames[1].key]}
    manifest = build_dataset([*frames, twin, liar, ghost], {}, pictures, None)
    assert manifest.excluded == {
        "same picture twice": 1, "same picture, two labels": 2, "image unavailable": 1,
    }  # fmt: skip
    assert len(manifest.frames) == 99


@pytest.mark.parametrize(
    "frames, limits, code",
    [
        ([], {}, "too_few"),
        (some({"ana": 19}), {"min_labels": 20}, "too_few"),
        ([labelled(i, Label.NOT_PUSH_OFF) for i in range(40)], {}, "too_few_of_a_class"),
        ([labelled(i, Label.PUSH_OFF) for i in range(40)], {}, "too_few_of_a_class"),
        (some({"ana": 20}), {"min_per_class": 7}, "too_few_of_a_class"),
    ],
)
def test_too_few_labels_are_refused(frames, limits, code):
    """Too few labels or one class: refused, with what to label."""
    with pytest.raises(TooFewLabels) as refusal:
        frozen(frames, **limits)
    assert code == refusal.value.code and refusal.value.remedy


def test_labels_that_cannot_be_divided_are_one_fold():
    """All frames at one time: nothing can be held out, and a model can still be fitted."""
    manifest = frozen([labelled(i, Label(i < 12), time_s=0.0) for i in range(40)])
    assert manifest.folds == (0,) and not manifest.independent
    assert {frame.fold for frame in manifest.frames} == {0}
