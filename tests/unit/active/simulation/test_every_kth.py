"""Evenly spaced frames of a video."""

from dataclasses import replace

import numpy as np

from pushoff.active.pool import LabelledPool
from pushoff.active.simulation.every_kth import every_kth
from tests.unit.active.pools import video


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
        video_ids=("a",) * len(left),
        groups=("a",) * len(left),
        times_s=whole.times_s[left],
        labelled=labelled,
    )
    again = every_kth(pool, 8, np.random.default_rng(1), every=16).rows
    assert first[3:].tolist() == left[again].tolist()
