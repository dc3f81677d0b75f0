"""Cross-validation of event models."""

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pushoff.errors import TooFewLabels
from pushoff.learning.heads.cross_validation import (
    group_near_duplicates,
    make_folds,
    predict_held_out,
    without_near_duplicates,
)
from pushoff.learning.heads.fit_head import TrainingExample
from pushoff.learning.heads.fit_sequence import fit_event_model
from tests.unit.learning.event_samples import (
    CONFIG,
    frame_labelled_video,
    known,
    known_videos,
    small_extractor,
)
from tests.unit.learning.learning_samples import refused

TRUTH = known(4)


FEW = dataclasses.replace(CONFIG, fit=dataclasses.replace(CONFIG.fit, steps=12))


quick = settings(max_examples=40, deadline=None)


@pytest.fixture(scope="module")
def extractor():
    return small_extractor()


def test_held_out_groups_are_not_trained_on(extractor):
    """Labelled frames of an athlete are left out, too, while the athlete is held out."""
    videos = [*known_videos(["a", "b"]), frame_labelled_video("s", "a")]
    found = predict_held_out(extractor, videos, FEW)
    alone = fit_event_model(extractor, [videos[1]], FEW).find_events(videos[0].example.features)
    assert {"0.mp4", "1.mp4"} == found.keys()
    assert alone == found["0.mp4"]


def test_cross_validation_needs_two_groups(extractor):
    """One group cannot be in training and test."""
    with refused(TooFewLabels, "one_group"):
        predict_held_out(extractor, known_videos(["a"]), FEW)


@dataclasses.dataclass(frozen=True)
class Named:
    """What `make_folds` reads."""

    split_group: str
    truth: object


@quick
@given(
    st.lists(st.tuples(st.sampled_from("abcdefghij"), st.integers(0, 9)), max_size=20),
    st.sampled_from([None, 1, 3, 6]),
)
def test_every_group_is_held_out_once_and_whole(videos, count):
    """Groups with known events are in exactly one fold, and no fold is empty."""
    named = [Named(group, known(ups)) for group, ups in videos] + [Named("only frames", None)]
    parts = make_folds(named, count)
    flat = [group for part in parts for group in part]
    assert sorted({group for group, _ in videos}) == sorted(flat)
    assert all(parts) and (count is None or len(parts) <= count)
    assert parts == make_folds(named[::-1], count)


def test_copies_of_a_video_are_held_out_together():
    """The same video under two names, and all videos of both athletes, are one group."""
    one, other, third, last = known_videos(["a", "b", "b", "c"])
    copy = dataclasses.replace(
        other, name="copy.mp4", example=TrainingExample(one.example.features, other.example.targets)
    )
    groups = [video.split_group for video in group_near_duplicates([one, copy, third, last])]
    assert groups == ["a", "a", "a", "c"]
    assert [video.split_group for video in group_near_duplicates([one, other, last])] == [
        "a",
        "b",
        "c",
    ]


def test_copies_are_left_out_under_any_name():
    """Copies of training videos are removed; the other videos stay, in order."""
    one, other, last = known_videos("abc")
    copy = dataclasses.replace(other, name="copy.mp4", example=one.example)
    assert [other, last] == without_near_duplicates([one, other, copy, last], [copy])
    assert [one, other] == without_near_duplicates([one, other], [])
