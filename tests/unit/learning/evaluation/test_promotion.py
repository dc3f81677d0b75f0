import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushoff.learning.evaluation.metrics import score
from pushoff.learning.evaluation.promotion import baseline_f1, decide

GATES = {"minimum_gain": 0.01, "minimum_confidence": 0.6}
BASE = score(np.array([0.9, 0.1, 0.8, 0.2]), np.array([1, 0, 1, 0]), list("aabb"), "real", 0.5)


def with_f1(f1: float):
    return dataclasses.replace(BASE, f1=f1)


def test_a_first_model_must_beat_the_trivial_baseline():
    """Without a champion, a candidate no better than always saying push_off is not promoted."""
    assert baseline_f1(BASE) == pytest.approx(2 / 3)
    assert not decide(with_f1(0.66), None, None, **GATES).promote
    decision = decide(with_f1(0.7), None, None, **GATES)
    assert decision.promote and "0.700" in decision.reason and "0.667" in decision.reason


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_promotion_requires_gain_and_confidence(candidate, champion, confidence):
    """A promoted candidate has at least the gain in F1 and enough bootstrap wins; the reason says
    so."""
    decision = decide(with_f1(candidate), with_f1(champion), confidence, **GATES)
    if decision.promote:
        assert candidate - champion >= 0.01 - 1e-9 and confidence >= 0.6
    assert decision.reason.startswith("promoted" if decision.promote else "not promoted")
    assert "4 real frames" in decision.reason and "2 held-out videos" in decision.reason


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_never_both_ways(one, other, confidence):
    """Of two models, never both are promoted over the other on the same scores."""
    forth = decide(with_f1(one), with_f1(other), confidence, **GATES).promote
    back = decide(with_f1(other), with_f1(one), 1 - confidence, **GATES).promote
    assert not (forth and back)


def test_a_tie_keeps_the_champion_even_without_a_gate():
    """Equal F1 never replaces the champion."""
    assert not decide(BASE, BASE, 1.0, minimum_gain=0.0, minimum_confidence=0.5).promote


def test_nan_keeps_the_champion():
    """A NaN score or confidence never promotes."""
    assert not decide(with_f1(float("nan")), BASE, 1.0, **GATES).promote
    assert not decide(with_f1(float("nan")), None, None, **GATES).promote
    assert not decide(with_f1(0.9), with_f1(0.1), float("nan"), **GATES).promote


def test_one_class_held_out_is_not_promoted():
    """Held-out frames of one class promote nothing."""
    assert not decide(dataclasses.replace(BASE, push_offs=0), None, None, **GATES).promote


def test_different_frames_are_not_compared():
    """Scorecards of different held-out frames are a programming error."""
    with pytest.raises(ValueError):
        decide(BASE, dataclasses.replace(BASE, frames=5), 0.9, **GATES)


def test_dependent_frames_are_called_optimistic():
    """The reason says when held-out frames come from sessions also trained on."""
    decision = decide(dataclasses.replace(BASE, independent=False), None, None, **GATES)
    assert "optimistic" in decision.reason
