"""What is said of replays compared."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushoff.active.simulation.replay import Curve
from pushoff.active.simulation.statistics import area, as_json, interval, labels_to, summarise


def curve(strategy, seed, scores, full=1.0):
    labels = tuple(10 * (k + 1) for k in range(len(scores)))
    return Curve(strategy, seed, labels, tuple(scores), (), full, None, (0.01,), (1,) * len(scores))


RISING = {"random": (0.2, 0.5, 0.7, 0.91), "margin": (0.3, 0.95, 0.96, 0.97)}
CURVES = [
    curve(name, seed, [score + 0.01 * seed for score in scores])
    for name, scores in RISING.items()
    for seed in (1, 2, 3)
]


@given(st.lists(st.floats(-100, 100), min_size=2, max_size=30))
def test_the_mean_lies_in_its_interval(values):
    """And the interval is a point only where all values are the same."""
    one = interval(values)
    assert one.low <= one.mean <= one.high
    assert (one.low == one.high) == (np.std(values, ddof=1) == 0)


def test_the_interval_is_students():
    """Of 1, 2, 3: two plus and minus 4.303 standard errors."""
    one = interval([1, 2, 3])
    assert 4.303 / 3**0.5 == pytest.approx(one.high - 2) == pytest.approx(2 - one.low)


def test_labels_needed_are_those_of_the_first_point_that_reaches():
    """A share of the full score; none where the curve stays below."""
    one = curve("margin", 1, (0.1, 0.45, 0.3, 0.5), full=0.5)
    assert 20 == labels_to(one, 0.9) and 40 == labels_to(one, 0.99)
    assert labels_to(replace(one, full_score=1.0), 0.9) is None


def test_the_area_of_a_flat_curve_is_its_height():
    """However many points it has."""
    assert 0.4 == pytest.approx(area(curve("x", 1, [0.4] * 3), [0.4] * 3))
    assert 0.4 == area(curve("x", 1, [0.4]), [0.4])


def test_strategies_are_compared_seed_by_seed():
    """Area and labels relative to random's, best first; random itself has nothing to compare to."""
    margin, random = summarise(CURVES)
    assert ("margin", "random") == (margin.strategy, random.strategy)
    assert margin.area_to_random.low > 0
    assert random.area_to_random is None and margin.area_to_every_k is None
    needed = margin.needed[0.9]
    assert 20 == needed.labels.mean and 3 == needed.reached and "" == needed.bound_to_random
    assert 0.5 == pytest.approx(needed.to_random.mean)


def test_what_was_not_reached_is_a_bound():
    """Where random never got there its budget stands in, and the ratio is at most what is said."""
    short = [one for one in CURVES if one.strategy == "margin"]
    short += [curve("random", seed, (0.1, 0.2, 0.3, 0.4)) for seed in (1, 2, 3)]
    margin, random = summarise(short)
    assert "<=" == margin.needed[0.9].bound_to_random and 0 == random.needed[0.9].reached
    assert "?" == random.needed[0.9].bound_to_random


def test_a_strategy_worse_than_random_has_a_negative_interval():
    """A strategy that is worse with every seed has its whole interval below 0."""
    worse = [curve("margin", seed, (0.1, 0.1, 0.1, 0.1 + 0.01 * seed)) for seed in (1, 2, 3)]
    random, margin = summarise([*worse, *[c for c in CURVES if c.strategy == "random"]])
    assert random.area_to_random is None
    assert margin.area_to_random.high < 0


def test_everything_is_written_as_json():
    """Valid JSON with every curve."""
    told = json.loads(json.dumps(as_json(summarise(CURVES), CURVES), allow_nan=False))
    assert 6 == len(told["curves"]) and 2 == len(told["strategies"])
