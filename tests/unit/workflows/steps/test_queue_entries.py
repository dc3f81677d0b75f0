"""Places, reasons and blind checks of the annotators' queue."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushoff.active.pool import Pool
from pushoff.active.queue import QueueOrder
from pushoff.learning.model.frame_suggestion import NO_ATHLETE, NOBODY_FOUND, FrameSuggestion
from pushoff.values import Label, Suggestion
from pushoff.workflows.steps.queue_entries import (
    NOBODY_REASON,
    SKIPPED_REASON,
    blind_tasks,
    queue_entries,
)
from pushoff.workflows.steps.suggestion_line import BLIND_REASON

TASKS = [40, 10, 30, 20]


def pool(probabilities: np.ndarray | None) -> Pool:
    return Pool(
        features=np.zeros((4, 2), np.float16),
        probabilities=probabilities,
        video_ids=("a",) * 4,
        groups=("ada",) * 4,
        times_s=np.arange(4) / 10,
    )


ORDER = QueueOrder(
    rows=np.array([2, 0, 3, 1]),
    reasons=("zero.", "one.", "two.", "three."),
    batch_size=2,
    sampled=np.array([True, False, True, False]),
)


def suggested(*probabilities: float) -> list[FrameSuggestion]:
    """push_off from 0.5 on."""
    return [FrameSuggestion(Suggestion(Label(int(p >= 0.5)), p)) for p in probabilities]


NONE = [FrameSuggestion(None)] * 4


def test_tasks_stand_in_the_strategys_order():
    """Scores rise from place to place, and each entry has its own row's reason and suggestion."""
    rows = suggested(0.1, 0.2, 0.3, 0.6)
    entries = queue_entries(pool(np.array([0.1, 0.2, 0.3, 0.6])), ORDER, TASKS, (), (), rows)
    by_score = sorted(entries.values(), key=lambda entry: entry.score)
    assert [entry.task_id for entry in by_score] == [30, 40, 20, 10]
    assert [entry.reason for entry in by_score] == [
        "not_push_off 0.70 - two. Ctrl+Enter accepts.",
        "not_push_off 0.90 - zero. Ctrl+Enter accepts.",
        "push_off 0.60 - three. Ctrl+Enter accepts.",
        "not_push_off 0.80 - one. Ctrl+Enter accepts.",
    ]
    assert [entry.suggestion for entry in by_score] == [
        rows[row].suggestion for row in (2, 0, 3, 1)
    ]
    assert [entry.score for entry in by_score] == [0.125, 0.375, 0.625, 0.875]
    assert {entry.task_id for entry in by_score if entry.at_random} == {30, 40}


def test_the_line_says_the_label_that_is_suggested():
    """Not the one that is more probable: the sequence may place a push-off at a frame of 0.4. It
    names the rules, which may suggest beside a model."""
    rows = [*suggested(0.1, 0.2, 0.3), FrameSuggestion(Suggestion(Label.PUSH_OFF, 0.4))]
    entries = queue_entries(pool(np.array([0.1, 0.2, 0.3, 0.4])), ORDER, TASKS, (), (), rows)
    assert entries[20].reason.startswith("push_off 0.40 - ")
    rows[-1] = replace(rows[-1], by_rules=True)
    entries = queue_entries(pool(np.array([0.1, 0.2, 0.3, 0.4])), ORDER, TASKS, (), (), rows)
    assert entries[20].reason.startswith("push_off 0.40 by fixed rules - ")


def test_the_line_names_fixed_rules():
    """Before there is a model; a frame of which they say nothing has its reason alone."""
    rows = [replace(row, by_rules=True) for row in suggested(0.02, 0.58, 0.02)]
    rows.append(FrameSuggestion(None))
    by_rules = replace(pool(np.array([0.02, 0.58, 0.02, 0.5])), by_rules=True)
    entries = queue_entries(by_rules, ORDER, TASKS, (), (), rows)
    assert entries[10].reason == "push_off 0.58 by fixed rules - one. Ctrl+Enter accepts."
    assert entries[20].reason == "three."


def test_where_nothing_is_suggested_the_line_says_why():
    """The sentence of the suggestion, then the reason of the place; nothing to accept."""
    rows = [*suggested(0.1, 0.2, 0.3), FrameSuggestion(None, "No suggestion: nobody.")]
    entries = queue_entries(pool(np.array([0.1, 0.2, 0.3, 0.5])), ORDER, TASKS, (), (), rows)
    assert (entries[20].suggestion, entries[20].reason) == (None, "No suggestion: nobody. three.")


def test_a_skipped_task_comes_last_and_is_no_random_sample():
    """The others keep their order; the reason says that somebody skipped it."""
    entries = queue_entries(pool(None), ORDER, TASKS, {30}, (), NONE)
    assert sorted(entries, key=lambda task: entries[task].score) == [40, 20, 10, 30]
    assert (entries[30].reason, entries[30].at_random) == (SKIPPED_REASON, False)
    assert all(entry.suggestion is None for entry in entries.values())


def test_a_picture_in_which_nobody_was_found_comes_after_all_that_teach():
    """Before the skipped ones; it is no random sample of what is learnt from."""
    rows = [*suggested(0.5, 0.5), NOBODY_FOUND, FrameSuggestion(None)]
    entries = queue_entries(pool(np.full(4, 0.5)), ORDER, TASKS, {40}, (), rows)
    assert sorted(entries, key=lambda task: entries[task].score) == [20, 10, 30, 40]
    assert entries[30].reason == f"{NO_ATHLETE} {NOBODY_REASON}"
    assert (entries[30].suggestion, entries[30].at_random) == (None, False)


def test_a_blind_task_shows_no_reason():
    """Reason and probability could tell the suggestion; its place stays, and what would have been
    suggested is recorded for the comparison."""
    rows = suggested(0.5, 0.5, 0.5, 0.5)
    entries = queue_entries(pool(np.full(4, 0.5)), ORDER, TASKS, {10}, {30, 10}, rows)
    assert (entries[30].reason, entries[30].blind, entries[30].score) == (BLIND_REASON, True, 0.125)
    assert entries[30].suggestion == rows[2].suggestion
    assert entries[10].reason == BLIND_REASON
    assert not entries[40].blind


@given(st.integers(1, 1000), st.sets(st.integers(1, 10**6), min_size=50, max_size=100))
def test_blind_tasks_are_the_same_ones_every_time(project, tasks):
    """A larger share only adds tasks: no task is blind today and shown tomorrow."""
    some, more = blind_tasks(project, tasks, 0.2), blind_tasks(project, tasks, 0.6)
    assert some == blind_tasks(project, tasks, 0.2)
    assert some <= more <= tasks
    assert blind_tasks(project, tasks, 0) == frozenset()
    assert blind_tasks(project, tasks, 1) == tasks


def test_about_the_asked_share_is_blind():
    """Over 10,000 tasks the share is right within five standard deviations."""
    share = len(blind_tasks(3, range(10_000), 0.1)) / 10_000
    assert share == pytest.approx(0.1, abs=5 * (0.1 * 0.9 / 10_000) ** 0.5)
