"""What a replay of labelling promises."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pushoff.active.queue import QueueConfig
from pushoff.active.simulation.replay import ReplayConfig, replay, split, strategy_chooser
from pushoff.errors import TooFewLabels
from tests.unit.active.sets import labelled_set

HOW = ReplayConfig(start=6, batch=10, budget=60)


def gone_through(data, strategy="margin", seed=1, config=HOW):
    return replay(data, strategy, strategy_chooser(QueueConfig(strategy)), config, seed)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1000), st.integers(2, 9))
def test_no_athlete_is_on_both_sides(seed, athletes):
    """Who is tested on is never learnt from, and both classes are on both sides."""
    data = labelled_set(athletes)
    rows, test = split(data, seed)
    group = np.array(data.groups)
    assert not set(group[rows]) & set(group[test])
    assert sorted([*rows, *test]) == list(range(len(data)))
    assert {0, 1} == set(data.labels[rows]) == set(data.labels[test])


def test_held_out_athletes_do_not_depend_on_the_strategy():
    """Every strategy of a seed is scored on the same frames: the full score is the same."""
    data = labelled_set()
    full = {gone_through(data, name).full_score for name in ("random", "margin", "core-set")}
    assert 1 == len(full)


def test_a_replay_repeated_is_the_same():
    """The same seed gives the same curve, another seed another one."""
    data = labelled_set()
    one, other = gone_through(data), gone_through(data)
    assert one.scores == other.scores and one.labels == other.labels
    assert one.scores != gone_through(data, seed=2).scores


def test_labels_are_counted_and_bought_once():
    """The curve ends at the budget, or where the frames end; with every label the score is full."""
    data = labelled_set()
    curve = gone_through(data)
    assert (6, 16, 26, 36, 46, 56, 60) == curve.labels
    whole = gone_through(data, config=ReplayConfig(start=6, batch=50, budget=10_000))
    assert 160 == whole.labels[-1] and 16 == whole.push_offs[-1]
    assert whole.scores[-1] == pytest.approx(whole.full_score)


def test_scores_rise_where_there_is_something_to_learn():
    """From guessing to nearly everything on a set that a few labels explain."""
    curve = gone_through(labelled_set())
    assert curve.scores[-1] > 0.9 and curve.scores[-1] > curve.scores[0] + 0.05


def test_whole_videos_are_scored_by_events_too():
    """With videos each point has an event score; without there is none."""
    curve = gone_through(labelled_set(videos=True))
    assert len(curve.event_scores) == len(curve.labels)
    assert curve.event_scores[-1] > 0.8 and curve.full_event_score > 0.8
    assert () == gone_through(labelled_set()).event_scores


def test_one_class_is_guessing():
    """Until both classes have a label the score is the share of the class looked for."""
    data = labelled_set()
    only = replace(data, labels=data.labels * 0)
    with pytest.raises(TooFewLabels, match="add athletes"):
        gone_through(only)
    first = replay(
        data, "none", lambda pool, count, seed: np.arange(count), ReplayConfig(3, 3, 3), seed=1
    )
    assert (0,) == first.push_offs and 0.1 == pytest.approx(first.scores[0])
