"""Fitting of one sequence head."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushoff.errors import TooFewLabels
from pushoff.learning.heads.fit_sequence import count_push_offs, fit_sequence_head, rules_weight
from tests.unit.learning import event_samples as samples
from tests.unit.learning.event_samples import (
    CONFIG,
    examples,
    frame_labelled_video,
    known,
    known_videos,
    video_of,
)
from tests.unit.learning.learning_samples import refused

TRUTH = known(4)
FEW = samples.FEW.sequence


def frame_labelled(posed):
    """Three videos with labelled frames, of which one in five is a push-off."""
    videos = [
        frame_labelled_video(name, name, 50 + at, posed=posed) for at, name in enumerate("stu")
    ]
    return examples(videos)


def test_videos_without_a_push_off_are_refused():
    """Nothing can be trained."""
    with refused(TooFewLabels, "no_push_off"):
        fit_sequence_head(examples(known_videos("b", count=0)), FEW)
    with refused(TooFewLabels, "no_push_off"):
        fit_sequence_head([], FEW)


def test_labelled_frames_alone_make_a_head():
    """Without landmarks nothing is known of flights, so push-offs are peaks of the curve."""
    head = fit_sequence_head(frame_labelled(posed=False), CONFIG, contacts_marked=False)
    assert "peaks" == head.settings.spotting.decoder
    found = {event.frame for event in head.predict(video_of(TRUTH, seed=9)).events}
    assert set(TRUTH.push_off_frames) <= found


def test_the_pose_rules_say_contact_and_flight_where_nobody_marked_them():
    """With landmarks labelled frames are enough for a path through contacts and flights, in which
    assumed contacts weigh less than marked ones."""
    head = fit_sequence_head(frame_labelled(posed=True), FEW, contacts_marked=False)
    assert "durations" == head.settings.spotting.decoder
    assert 0 < head.settings.spotting.contact_weight < 1
    marked = fit_sequence_head(examples(known_videos("ab")), FEW)
    assert ("durations", 1) == (
        marked.settings.spotting.decoder,
        marked.settings.spotting.contact_weight,
    )


def test_the_more_push_offs_are_labelled_the_less_the_rules_weigh():
    """The push-offs of all videos count, those of labelled frames as well."""
    one, more = (
        fit_sequence_head(examples(known_videos(groups)), FEW).settings.rules_weight
        for groups in ("a", "abc")
    )
    assert one == rules_weight(6) >= more == rules_weight(18)
    frames = fit_sequence_head(frame_labelled(posed=False), FEW, contacts_marked=False)
    assert rules_weight(30) == frames.settings.rules_weight


def test_an_approach_is_known_where_both_kinds_of_step_are_labelled():
    """A head trained without running steps says nothing of them."""
    [example] = examples(known_videos("a"))
    assert not fit_sequence_head([example], FEW).settings.knows_approach
    approach = example.targets.approach.copy()
    approach[list(example.targets.events)] = [1, 1, 0, 0, 0, 0]
    targets = dataclasses.replace(example.targets, approach=approach)
    both = dataclasses.replace(example, targets=targets)
    assert fit_sequence_head([both], FEW).settings.knows_approach


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_the_rules_never_weigh_more_with_more_labels(push_offs, more):
    """The weight is a share, and never rises."""
    assert 0 <= rules_weight(push_offs + more) <= rules_weight(push_offs) <= 1


@given(
    st.lists(st.tuples(st.integers(5, 100), st.integers(1, 5)), max_size=10),
    st.sampled_from([1, 2, 4]),
)
def test_a_run_of_push_off_frames_is_one_push_off(runs, stride):
    """At 240/s an annotator labels three frames of it, and not always every one."""
    frames, at = [], 0
    for gap, length in runs:
        at += gap
        frames += range(at, at + length * stride, stride)
        at = frames[-1]
    assert count_push_offs(frames) == len(runs)


@pytest.mark.parametrize(("frames", "count"), [((), 0), ((7,), 1), ((0,), 1), ((0, 30, 60), 3)])
def test_single_frames_are_push_offs_of_their_own(frames, count):
    """As everybody labels them at 30/s."""
    assert count_push_offs(frames) == count
