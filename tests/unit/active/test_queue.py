"""What is promised of the order in which frames are labelled, whatever the strategy."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pushoff.active.pool import empty_labelled_pool
from pushoff.active.queue import STRATEGIES, QueueConfig, order_pool
from pushoff.errors import BadInput
from tests.unit.active.pools import WIDTH, asked, pool_of, pools

names = st.sampled_from(sorted(STRATEGIES))
few = settings(max_examples=60, deadline=None)


def take(pool, rows):
    """The pool with its rows in another order."""
    p = pool.probabilities
    return replace(
        pool,
        features=pool.features[rows],
        probabilities=None if p is None else p[rows],
        video_ids=tuple(pool.video_ids[row] for row in rows),
        groups=tuple(pool.groups[row] for row in rows),
        times_s=pool.times_s[rows],
    )


@few
@given(pools(), names, st.integers(1, 50), st.integers(0, 5))
def test_every_frame_comes_once_and_says_why(pool, name, batch_size, seed):
    """Whatever the pool and strategy: each frame once, each with a sentence."""
    order = order_pool(pool, QueueConfig(name, batch_size=batch_size, seed=seed))
    assert list(range(len(pool))) == sorted(order.rows.tolist())
    assert len(pool) == len(order.reasons)
    assert all(
        reasons[0].isupper() and reasons.endswith(".") and len(reasons) < 120
        for reasons in order.reasons
    )
    assert order.batch_size <= min(batch_size, len(pool))


@few
@given(pools(), names, st.integers(0, 5))
def test_the_same_seed_gives_the_same_order(pool, name, seed):
    """A queue made twice is the same queue."""
    config = QueueConfig(name, batch_size=15, seed=seed)
    one, other = order_pool(pool, config), order_pool(pool, config)
    assert one.rows.tolist() == other.rows.tolist() and one.reasons == other.reasons


@few
@given(pools(), names, st.randoms(use_true_random=False))
def test_the_order_does_not_depend_on_how_rows_come(pool, name, shuffler):
    """The same frames listed in another order are labelled in the same order."""
    rows = list(range(len(pool)))
    shuffler.shuffle(rows)
    config = QueueConfig(name, batch_size=15)
    moved = order_pool(take(pool, np.array(rows, int)), config)
    straight = order_pool(pool, config)
    assert straight.rows.tolist() == [rows[row] for row in moved.rows]
    assert straight.reasons == tuple(moved.reasons[rows.index(row)] for row in range(len(rows)))


def test_a_near_duplicate_names_the_frame_that_it_repeats():
    """A labelled one, else one that comes first, and how far away it is."""
    pool = pool_of(3, 1, videos=1, labelled=1)
    known = replace(pool.labelled, video_ids=("video0",), times_s=np.array([5.0]))
    pool = replace(pool, times_s=np.array([1.0, 1.01, 5.02]), labelled=known)
    order = order_pool(pool, QueueConfig("margin", random_share=0))
    late = order.rows[1:].tolist()
    assert 2 in late
    assert order.reasons[2] == "Near-duplicate: 20 ms after a labelled frame."
    other = 1 - order.rows[0]
    assert order.reasons[other] == (
        f"Near-duplicate: 10 ms {'after' if other else 'before'} a frame that comes first."
    )


@few
@given(pools(), names, st.sampled_from([0.0, 8 / 240, 0.5]), st.integers(1, 40))
def test_no_two_of_the_front_are_near_copies(pool, name, spacing_s, batch_size):
    """Frames of a video that come first lie apart, and apart from labelled ones unless drawn."""
    order = order_pool(pool, QueueConfig(name, spacing_s=spacing_s, batch_size=batch_size))
    first = order.rows[: order.batch_size].tolist()
    for place, row in enumerate(first):
        others = [(pool.video_ids[other], pool.times_s[other]) for other in first[:place]]
        if not order.sampled[row]:
            others += list(zip(pool.labelled.video_ids, pool.labelled.times_s, strict=True))
        for video, time_s in others:
            close = abs(time_s - pool.times_s[row]) < spacing_s - 1e-5
            assert video != pool.video_ids[row] or not close


@few
@given(st.integers(0, 10_000), names, st.floats(0, 1))
def test_the_share_of_random_picks_is_as_asked(seed, name, share):
    """Of any first frames as many are random picks as asked for, give or take one."""
    order = order_pool(
        pool_of(300, seed), QueueConfig(name, random_share=share, batch_size=60, seed=seed)
    )
    drawn = order.sampled[order.rows]
    asked = 1.0 if name == "random" else share
    assert 60 == order.batch_size and not drawn[60:].any()
    for count in (10, 30, 60):
        assert abs(drawn[:count].sum() - asked * count) <= 2
    assert all("random" in order.reasons[row] for row in np.flatnonzero(order.sampled))


@few
@given(pools())
def test_labels_and_probabilities_never_matter_for_random(pool):
    """Random is chosen by the dice alone."""
    bare = replace(pool, labelled=empty_labelled_pool(WIDTH))
    config = QueueConfig("random", batch_size=20)
    assert order_pool(pool, config).rows.tolist() == order_pool(bare, config).rows.tolist()
    if pool.probabilities is not None:
        other = replace(pool, probabilities=None)
        assert order_pool(pool, config).rows.tolist() == order_pool(other, config).rows.tolist()


@pytest.mark.parametrize("name", sorted(set(STRATEGIES) - {"random"}))
def test_no_athlete_takes_the_front_for_itself(name):
    """Of five athletes' videos one holds all doubt and most frames: it gets twice its equal
    part."""
    pool = pool_of(500, 3, videos=1, rate=10_000.0)
    videos = tuple("abcde"[row % 5] if row < 200 else "a" for row in range(len(pool)))
    sure = np.array([0.4 if video == "a" else 0.99 for video in videos])
    spread = pool.features * np.array([[5.0] if video == "a" else [0.1] for video in videos])
    pool = replace(pool, video_ids=videos, groups=videos, probabilities=sure, features=spread,
                   times_s=np.arange(500) / 10)  # fmt: skip
    order = order_pool(pool, QueueConfig(name, batch_size=40, random_share=0))
    theirs = sum(videos[row] == "a" for row in order.rows[: order.batch_size])
    assert order.batch_size == 40 and theirs <= 16


@pytest.mark.parametrize("name", sorted(set(STRATEGIES) - {"random"}))
def test_without_a_model_the_reason_says_so(name):
    """Strategies that need probabilities say in their reason that there are none."""
    order = order_pool(
        pool_of(60, 1, model=False), QueueConfig(name, batch_size=20, random_share=0)
    )
    said = {order.reasons[row] for row in order.rows[: order.batch_size]}
    assert all("no model yet" in reasons for reasons in said) or name in ("core-set", "typiclust")


@pytest.mark.parametrize(
    "wrong",
    [{"strategy": "best"}, {"random_share": 1.5}, {"spacing_s": -1.0}, {"batch_size": 0}],
)
def test_a_value_out_of_range_is_refused(wrong):
    """The value is named."""
    with pytest.raises(BadInput, match=str(next(iter(wrong.values())))):
        QueueConfig(**wrong)


@pytest.mark.parametrize("name", sorted(STRATEGIES))
def test_a_pool_does_not_change(name):
    """Asking a strategy leaves the pool's arrays as they were, and asks for every frame once."""
    pool = pool_of(50, 1, labelled=5)
    before = [pool.features.copy(), pool.probabilities.copy(), pool.times_s.copy()]
    assert list(range(50)) == sorted(asked(STRATEGIES[name], pool, 10))
    after = [pool.features, pool.probabilities, pool.times_s]
    assert all(np.array_equal(one, two) for one, two in zip(before, after, strict=True))
