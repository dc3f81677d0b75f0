"""Sentences on single frames are true of these frames."""

from dataclasses import replace

import numpy as np
import pytest

from pushoff.active.pool import LabelledPool
from pushoff.active.strategies.core_set import ALIKE, FIRST, LEAST_ALIKE, UNLIKE, core_set
from pushoff.active.strategies.event_windows import LIKELIEST, event_windows
from pushoff.active.strategies.hybrid import hybrid
from pushoff.active.strategies.reasons import (
    NO_MODEL,
    SURE,
    UNFAMILIAR,
    UNSURE_AROUND,
    UNSURE_HERE,
    certainty_reasons,
    doubt,
    offset_text,
)
from pushoff.active.strategies.typiclust import typiclust
from pushoff.active.strategies.uncertainty import entropy, least_confidence, margin
from tests.unit.active.pools import clumps, video


def reasons(strategy, pool, count=4):
    return strategy(pool, count, np.random.default_rng(7)).reasons


def test_doubt_is_one_at_the_threshold_and_zero_at_the_ends():
    """Whatever the threshold."""
    assert doubt(np.array([0.0, 0.3, 1.0]), 0.3).tolist() == pytest.approx([0, 1, 0])


@pytest.mark.parametrize("strategy", [margin, least_confidence, entropy, hybrid])
def test_only_frames_in_doubt_are_called_unsure(strategy):
    """29 of 44 frames said that the model is unsure, at 0.8 and more: it is not said of those."""
    said = reasons(strategy, video([0.97, 0.47, 0.85, 0.03]))
    assert [text.split(". ")[0].removesuffix(".") + "." for text in said] == [
        SURE,
        UNSURE_HERE,
        SURE,
        SURE,
    ]


def test_doubt_about_the_frames_around_is_told_from_doubt_about_the_frame():
    """At 240/s the order follows the smoothed curve, the sentence says what is shown."""
    curve = np.zeros(12)
    curve[1] = 0.95
    said = certainty_reasons(video(curve, rate=240.0))
    assert said[1] == UNSURE_AROUND and said[11] == SURE


def test_a_frame_that_looks_like_a_labelled_one_is_not_called_unfamiliar():
    """Of two groups of frames one has a label."""
    pool, group = clumps([4, 4], labelled=[0])
    said = reasons(hybrid, replace(pool, probabilities=np.full(8, 0.9)))
    assert [UNFAMILIAR in text for text in said] == [bool(number) for number in group]


def test_core_set_calls_unlike_only_what_is():
    """Three groups: one frame of each is unlike the others, the next of a group is not."""
    pool, group = clumps([3, 3, 3])
    said = reasons(core_set, pool, 3)
    for number in range(3):
        assert sorted(text for text, own in zip(said, group, strict=True) if own == number) in (
            sorted([UNLIKE, ALIKE, ALIKE]),
            sorted([FIRST, ALIKE, ALIKE]),
        )
    assert LEAST_ALIKE in reasons(core_set, pool, 5)


def test_typiclust_counts_the_group_and_its_labels():
    """The size of the group, and whether a label is in it."""
    pool, group = clumps([12, 30], labelled=[1])
    said = reasons(typiclust, pool, 1)
    assert {text for text, own in zip(said, group, strict=True) if own == 0} == {
        "Typical of 12 similar frames; no labelled frame looks like it.",
        "One of 12 similar frames; no labelled frame looks like it.",
    }
    assert all("1 labelled frame looks" in said[row] for row in np.flatnonzero(group == 1))


def test_event_windows_say_how_far_the_push_off_is():
    """Before, at and after the likeliest frame of a push-off; nothing where there is none."""
    curve = np.full(30, 0.02)
    curve[20] = 0.95
    said = reasons(event_windows, video(curve))
    assert said[20] == f"{SURE} {LIKELIEST}"
    assert said[18] == f"{SURE} It lies 67 ms before the likeliest frame of a push-off."
    assert said[22] == f"{SURE} It lies 67 ms after the likeliest frame of a push-off."
    assert reasons(event_windows, video(np.full(30, 0.02)))[3] == SURE


@pytest.mark.parametrize("strategy", [margin, entropy, hybrid, event_windows])
def test_of_the_probabilities_of_rules_no_model_is_called_sure(strategy):
    """There is none yet."""
    said = reasons(strategy, replace(video([0.02, 0.58, 0.19, 0.02]), by_rules=True))
    assert all(text.startswith(NO_MODEL) and "model is" not in text for text in said)


def test_offsets_read_in_milliseconds_then_seconds():
    """From a second on, seconds."""
    assert offset_text(-0.0083) == "8 ms before"
    assert offset_text(1.24) == "1.2 s after"


def test_novelty_without_labels_is_no_claim_about_a_label_that_looks_alike():
    """Without a labelled frame every frame is unlike all labelled ones."""
    pool, _ = clumps([4, 4])
    known = LabelledPool(np.zeros((0, 8), np.float32), np.zeros(0, int), (), (), np.zeros(0))
    said = reasons(hybrid, replace(pool, probabilities=np.full(8, 0.9), labelled=known))
    assert all(UNFAMILIAR in text for text in said)
