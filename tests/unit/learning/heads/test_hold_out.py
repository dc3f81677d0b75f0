"""Heads fitted without a fold, and their scores of it."""

import dataclasses

import numpy as np
import pytest

from pushoff.errors import ModelRefused
from pushoff.learning.heads.fit_sequence import fit_sequence_head
from pushoff.learning.heads.head_config import HeadConfig
from pushoff.learning.heads.hold_out import (
    MAX_ROUNDS,
    fit_rounds,
    hold_out_in_turn,
    hold_out_rounds,
    score_held_out,
)
from pushoff.learning.thread_pool import thread_pool
from tests.unit.learning import event_samples as samples
from tests.unit.learning.event_samples import (
    examples,
    in_two_halves,
    known_videos,
    training_data_of,
    video_of,
)
from tests.unit.learning.learning_samples import refused

FEW = samples.FEW.sequence


def test_the_labels_of_a_held_out_group_change_nothing():
    """Its scores are those of heads that are fitted on the other groups alone."""
    videos = known_videos("abc")
    alone = fit_sequence_head(examples(videos[1:]), FEW)
    scores = hold_out_in_turn(training_data_of(videos), [0], FEW)
    assert [videos[0].video_id] == list(scores.videos)
    expected = alone.score_frames(videos[0].features)
    assert np.array_equal(expected.push_off, scores.videos[videos[0].video_id].push_off)


def test_a_video_divided_in_time_gets_each_part_from_heads_that_did_not_see_it():
    """Of two halves each is scored by heads that are fitted on the other one."""
    folds, videos = in_two_halves()
    data = training_data_of(videos, split_by="time")
    joined = hold_out_in_turn(data, [0, 1], FEW)
    for fold in (0, 1):
        own = hold_out_in_turn(data, [fold], FEW)
        for video in videos:
            curves = [scores.videos[video.video_id].push_off for scores in (own, joined)]
            assert np.array_equal(*(curve[folds == fold] for curve in curves))
    assert joined.known(videos[0]).all()


@pytest.mark.parametrize("count", range(1, 7))
def test_every_fold_is_held_out_once(count):
    """In at most MAX_ROUNDS fits; of one fold nothing can be held out."""
    data = training_data_of(known_videos("abcdef"[:count]))
    rounds = hold_out_rounds(data, data.folds)
    assert len(rounds) <= MAX_ROUNDS
    expected = data.folds if count > 1 else []
    assert expected == sorted(fold for held_out in rounds for fold in held_out)


def test_a_round_without_anything_to_learn_has_no_head():
    """The others have one, in their order."""
    videos = known_videos("ab")
    unseen = dataclasses.replace(videos[1], features=video_of(videos[1].truth, seen=False))
    data = training_data_of([videos[0], unseen])
    with thread_pool() as pool:
        heads = list(fit_rounds(data.videos, [[0], [1], ()], FEW, 1, pool))
    assert [True, False, False] == [head is None for head in heads]
    scores = hold_out_in_turn(data, [0, 1], FEW)
    assert [unseen.video_id] == list(scores.videos) and (1,) == scores.folds


def test_progress_goes_on_with_each_round():
    """Before its heads are waited for; what it raises ends the work."""
    data = training_data_of(known_videos("abc"))
    rounds = hold_out_rounds(data, data.folds)
    reports = []

    def report(progress):
        reports.append((progress.stage, progress.done, progress.total))
        if progress.done == 2:
            raise KeyboardInterrupt

    def hold_out():
        with thread_pool() as pool:
            heads = fit_rounds(data.videos, rounds, FEW, 1, pool)
            score_held_out(data, rounds, heads, report)

    with pytest.raises(KeyboardInterrupt):
        hold_out()
    assert [("holding out", number, 4) for number in range(3)] == reports


@pytest.mark.filterwarnings("ignore")
def test_a_diverging_round_is_refused():
    """No scores are made of the other rounds."""
    wild = dataclasses.replace(FEW, fit=HeadConfig(steps=30, batch=4, learning_rate=1e38))
    with refused(ModelRefused, "diverged"):
        hold_out_in_turn(training_data_of(known_videos("abc")), [0, 1, 2], wild)
