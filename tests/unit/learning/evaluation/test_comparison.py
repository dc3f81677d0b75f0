"""Candidate and champion on the frames that both held out."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pushoff.learning.evaluation.comparison import compare, registry_metrics
from pushoff.learning.evaluation.metrics import score
from tests.unit.learning.evaluation.evaluation_samples import held_out, pictures, steps


def test_the_better_model_wins_every_bootstrap_sample():
    """In both scores; exchanged, it loses every one."""
    right, wrong = steps(20, 20), steps(20, 0)
    comparison = compare(right, wrong)
    assert (1.0, 0.0) == (comparison.candidate.f1_within_1, comparison.champion.f1_within_1)
    assert (1.0, 1.0) == (comparison.average_precision_wins, comparison.f1_wins)
    comparison = compare(wrong, right)
    assert (0.0, 0.0) == (comparison.average_precision_wins, comparison.f1_wins)


def test_only_shared_frames_are_compared():
    """What either model held out alone does not count, in whatever order the frames come."""
    labels = {"v": {9: 0, 10: 1, 11: 0}, "w": {9: 0, 10: 1, 11: 0}}
    candidate = held_out({**labels, "x": {4: 1}}, {"v": [10], "w": [10]})
    champion = held_out({"y": {4: 1}, **dict(reversed(labels.items()))}, {"v": [10]})
    comparison = compare(candidate, champion)
    assert ("v", "w") == comparison.candidate.groups == comparison.champion.groups
    assert (1.0, 2 / 3) == (comparison.candidate.f1_within_1, comparison.champion.f1_within_1)


def test_nothing_in_common_is_no_comparison():
    """Neither wins."""
    assert compare(steps(3, 3, "v"), steps(3, 0, "w")) is None


def test_different_labels_are_not_compared():
    """Both models are scored with the labels of one data set."""
    labels = {9: 0, 10: 1, 11: 0}
    with pytest.raises(ValueError):
        compare(held_out({"v": labels}), held_out({"v": {**labels, 11: 1}}))


def test_a_sample_without_a_push_off_is_a_tie():
    """With one class neither model can be better."""
    comparison = compare(pictures([0, 0], [0.1, 0.2]), pictures([0, 0], [0.9, 0.8]))
    assert (0.5, 0.5) == (comparison.average_precision_wins, comparison.f1_wins)


rows = st.lists(
    st.tuples(st.floats(0, 1), st.floats(0, 1), st.integers(0, 1), st.sampled_from("abc")),
    min_size=1,
    max_size=30,
)


@settings(deadline=None, max_examples=30)
@given(rows, st.integers(0, 5))
def test_wins_are_antisymmetric(rows, seed):
    """Exchanging candidate and champion exchanges their shares; equal models have one half."""
    p, q, y, groups = (tuple(row[column] for row in rows) for column in range(4))
    first, second = pictures(y, p, groups=groups), pictures(y, q, groups=groups)
    forth, back = compare(first, second, seed), compare(second, first, seed)
    assert forth.f1_wins + back.f1_wins == pytest.approx(1.0)
    assert forth.average_precision_wins + back.average_precision_wins == pytest.approx(1.0)
    same = compare(first, dataclasses.replace(first), seed)
    assert (0.5, 0.5) == (same.average_precision_wins, same.f1_wins)


def test_one_group_does_not_decide():
    """A model that is better on one athlete of three, and equal on the others, wins when that
    athlete is drawn: 1 - (2/3)^3, and half of the rest."""
    labels = {v: {20 * i + j: int(j == 1) for i in range(9) for j in range(3)} for v in "abc"}
    all_found = {v: [20 * i + 1 for i in range(9)] for v in labels}
    comparison = compare(held_out(labels, all_found), held_out(labels, {**all_found, "c": []}))
    drawn = 1 - (2 / 3) ** 3
    assert comparison.f1_wins == pytest.approx(drawn + (1 - drawn) / 2, abs=0.05)


def test_registry_metrics_are_the_scorecards():
    """Each score under its name in the registry."""
    card = score(steps(20, 15))
    metrics = registry_metrics(card)
    assert metrics["held_out_f1"] == card.f1 and metrics["held_out_brier"] == card.brier
    assert metrics["held_out_f1_within_1"] == card.f1_within_1
    assert all(name.startswith("held_out_") for name in metrics)
    assert all(np.isfinite(value) for value in metrics.values())
