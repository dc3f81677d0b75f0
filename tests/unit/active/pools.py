"""Pools as they come, made by Hypothesis or by the numbers."""

import numpy as np
from hypothesis import strategies as st

from pushoff.active.pool import LabelledPool, Pool

WIDTH = 6


def pool_of(
    count: int,
    seed: int,
    *,
    model: bool = True,
    videos: int = 3,
    labelled: int = 0,
    untimed: float = 0.0,
    rate: float = 60.0,
) -> Pool:
    """`count` frames of `videos` videos by two athletes, `untimed` of them without a time."""
    rng = np.random.default_rng(seed)

    def some(n: int) -> tuple:
        video_ids = tuple(f"video{k}" for k in rng.integers(videos, size=n))
        times = rng.integers(0, 4 * n + 1, n) / rate
        times[rng.random(n) < untimed] = np.nan
        features = rng.normal(size=(n, WIDTH)).astype(np.float32)
        return (
            features,
            video_ids,
            tuple("ann" if s < "video2" else "bob" for s in video_ids),
            times,
        )

    features, video_ids, groups, times = some(labelled)
    known = LabelledPool(features, rng.integers(2, size=labelled), video_ids, groups, times)
    features, video_ids, groups, times = some(count)
    p = rng.random(count) if model else None
    return Pool(features, p, video_ids, groups, times, 0.4, known)


@st.composite
def pools(draw: st.DrawFn) -> Pool:
    """Small pools, with and without a model, labels and times."""
    return pool_of(
        draw(st.integers(0, 40)),
        draw(st.integers(0, 10_000)),
        model=draw(st.booleans()),
        videos=draw(st.integers(1, 4)),
        labelled=draw(st.integers(0, 12)),
        untimed=draw(st.sampled_from([0.0, 0.2, 1.0])),
    )


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
