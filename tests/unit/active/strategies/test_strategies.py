"""What each strategy wants, on pools where the answer is plain."""

from dataclasses import replace

import numpy as np
import pytest

from pushoff.active.pool import LabelledPool, Pool
from pushoff.active.queue import STRATEGIES
from pushoff.active.simulation.every_kth import every_kth
from pushoff.active.strategies.core_set import core_set
from pushoff.active.strategies.event_windows import event_windows
from pushoff.active.strategies.hybrid import EVEN_AT, hybrid
from pushoff.active.strategies.smoothed_scores import rescale_to_threshold, smoothed
from pushoff.active.strategies.typiclust import typiclust
from pushoff.active.strategies.uncertainty import entropy, least_confidence, margin
from tests.unit.active.pools import pool_of

DICE = 7


def asked(strategy, pool, count):
    return strategy(pool, count, np.random.default_rng(DICE)).rows.tolist()


def video(probabilities, rate=30.0, threshold=0.5):
    """One video at even steps."""
    count = len(probabilities)
    features = np.random.default_rng(0).normal(size=(count, 4)).astype(np.float32)
    names = ("a",) * count
    times = np.arange(count) / rate
    return Pool(features, np.array(probabilities), names, names, times, threshold)


def clumps(sizes, labelled=()):
    """Frames in tight clumps, far from each other; `labelled` names clumps with one label."""
    rng = np.random.default_rng(1)
    centres = 10 * np.eye(len(sizes), 8)
    where = np.repeat(np.arange(len(sizes)), sizes)
    features = (centres[where] + 0.1 * rng.normal(size=(len(where), 8))).astype(np.float32)
    known = centres[list(labelled)].astype(np.float32).reshape(-1, 8)
    names = ("a",) * len(known)
    label = LabelledPool(
        known, np.zeros(len(known), int), names, names, np.full(len(known), np.nan)
    )
    video_names = ("a",) * len(where)
    times = np.full(len(where), np.nan)
    return Pool(features, None, video_names, video_names, times, 0.5, label), where


@pytest.mark.parametrize("strategy", [least_confidence, margin, entropy])
def test_the_least_sure_come_first(strategy):
    """Nearest to the model's own threshold first, not to one half."""
    pool = video([0.99, 0.31, 0.02, 0.6], threshold=0.3)
    rows = asked(strategy, pool, 4)
    assert 1 == rows[0] and {0, 2} == set(rows[2:])


def test_with_two_classes_doubts_rank_alike():
    """Least confidence and entropy give the very same order; margin, too, at one half."""
    pool = video(np.random.default_rng(3).random(60))
    rows = asked(least_confidence, pool, 60)
    assert rows == asked(entropy, pool, 60) == asked(margin, pool, 60)


def test_a_flickering_frame_is_smoothed_at_240_per_second_but_not_at_30():
    """A single doubtful frame in a sure stretch is noise at 240/s; at 30/s it is all there is."""
    curve = [0.02] * 9 + [0.5] + [0.02] * 9
    assert smoothed(video(curve, rate=240.0))[9] < 0.25
    assert smoothed(video(curve, rate=30.0)).tolist() == curve


def test_smoothing_keeps_to_one_video():
    """Frames of another video at the same time change nothing."""
    one = video([0.1, 0.9, 0.1], rate=240.0)
    other = replace(one, sessions=("a", "b", "c"))
    assert [0.1, 0.9, 0.1] == smoothed(other).tolist() != smoothed(one).tolist()


def test_the_threshold_becomes_one_half():
    """Each side of it is stretched to its own half, the ends stay."""
    assert [0.0, 0.25, 0.5, 0.75, 1.0] == pytest.approx(
        rescale_to_threshold(np.array([0, 0.1, 0.2, 0.6, 1.0]), 0.2).tolist()
    )


def test_every_kth_frame_is_on_the_grid_and_spread():
    """The first of 64 frames with k = 16 are those on the grid; then the grid is halved."""
    rows = every_kth(video([0.5] * 64), 8, np.random.default_rng(1), every=16).rows.tolist()
    assert {0, 16, 32, 48} == set(rows[:4]) and [0, 32] == rows[:2]
    assert {8, 24, 40, 56} == set(rows[4:8])


def test_every_kth_frame_stays_on_its_grid_while_labels_come_in():
    """Once the first of them are labelled the next ones are those that would have come anyway."""
    whole = video([0.5] * 64)
    first = every_kth(whole, 8, np.random.default_rng(1), every=16).rows
    done, left = first[:3], np.sort(first[3:])
    names = ("a",) * 3
    labelled = LabelledPool(
        whole.features[done], np.zeros(3, int), names, names, whole.times_s[done]
    )
    pool = replace(
        whole,
        features=whole.features[left],
        probabilities=whole.probabilities[left],
        sessions=("a",) * len(left),
        groups=("a",) * len(left),
        times_s=whole.times_s[left],
        labelled=labelled,
    )
    again = every_kth(pool, 8, np.random.default_rng(1), every=16).rows
    assert first[3:].tolist() == left[again].tolist()


def test_core_set_goes_to_what_is_unlike_all_that_is_known():
    """Of three clumps, one labelled, the first two picks are in the other two."""
    pool, where = clumps([5, 20, 5], labelled=[1])
    assert {0, 2} == {int(where[row]) for row in asked(core_set, pool, 6)[:2]}


def test_typiclust_takes_one_of_each_clump_the_uncovered_first():
    """One pick in each clump; the largest without a label comes before the labelled one."""
    pool, where = clumps([12, 30, 20], labelled=[1])
    first = [int(where[row]) for row in asked(typiclust, pool, 2)[:2]]
    assert [2, 0] == first


def test_hybrid_moves_from_variety_to_doubt():
    """With few labels it leaves the labelled clump; with many it follows the model's doubts."""
    pool, where = clumps([10, 10], labelled=[0])
    doubtful_here = replace(pool, probabilities=np.where(where == 0, 0.5, 0.9))
    assert 1 == where[asked(hybrid, doubtful_here, 1)[0]]
    count = 50 * EVEN_AT
    known = LabelledPool(
        np.repeat(pool.labelled.features, count, axis=0),
        np.zeros(count, int),
        ("a",) * count,
        ("a",) * count,
        np.full(count, np.nan),
    )
    assert 0 == where[asked(hybrid, replace(doubtful_here, labelled=known), 1)[0]]


def test_event_windows_are_about_events_and_bumps():
    """Frames at a peak, beside it, and at a bump below the threshold come before flat curve."""
    curve = np.full(90, 0.02)
    curve[20], curve[60] = 0.95, 0.4
    rows = asked(event_windows, video(curve), 12)
    assert 20 in rows[:3] and 60 in rows[:5]
    assert all(abs(row - 20) <= 3 or abs(row - 60) <= 3 for row in rows[:5])


def test_event_windows_without_times_are_margin():
    """Pictures that belong to no video have no windows."""
    pool = replace(video(np.random.default_rng(3).random(20)), times_s=np.full(20, np.nan))
    assert asked(margin, pool, 20) == asked(event_windows, pool, 20)


@pytest.mark.parametrize("name", sorted(STRATEGIES))
def test_a_pool_does_not_change(name):
    """Asking a strategy leaves the pool's arrays as they were, and asks for every frame once."""
    pool = pool_of(50, 1, labelled=5)
    before = [pool.features.copy(), pool.probabilities.copy(), pool.times_s.copy()]
    assert list(range(50)) == sorted(asked(STRATEGIES[name], pool, 10))
    after = [pool.features, pool.probabilities, pool.times_s]
    assert all(np.array_equal(one, two) for one, two in zip(before, after, strict=True))
