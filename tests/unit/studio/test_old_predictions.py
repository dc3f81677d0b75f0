"""Predictions of superseded publications."""

from datetime import UTC, datetime, timedelta

import pytest

from pushoff.studio.old_predictions import (
    PAGE,
    SMALL,
    delete_of_next_tasks,
    delete_small,
    old_versions,
)
from tests.unit.studio.prediction_studio import PROJECT, PredictionStudio, connected

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
FIRST, SECOND, THIRD = "v1.aaaaaa", "v2.bbbbbb", "v3.cccccc"


@pytest.fixture
def state():
    """Three publications, of ten, eleven and noon, the last one shown; and somebody else's."""
    state = PredictionStudio(list(range(1, 3 * PAGE + 1)))
    for hour, version in ((10, FIRST), (11, SECOND), (12, THIRD)):
        state.now = NOW.replace(hour=hour)
        state.push(version, *state.tasks)
        state.push("their own model", 1)
    state.project["model_version"] = THIRD
    return state


@pytest.fixture
def studio(state):
    with connected(state) as (client, _):
        yield client


@pytest.mark.parametrize(
    ("hours", "names"), [(0.5, []), (1.5, [FIRST]), (2.5, [FIRST, SECOND]), (50, [FIRST, SECOND])]
)
def test_a_version_is_old_some_time_after_it_was_replaced(state, studio, hours, names):
    """Not after it was pushed: until it was replaced annotators were served it."""
    before = NOW.replace(hour=10, minute=1) + timedelta(hours=hours)
    assert [version.name for version in old_versions(studio, PROJECT, before)] == names


def test_the_version_that_is_shown_is_never_old(state, studio):
    """Also where it was shown again after later ones."""
    state.project["model_version"] = FIRST
    old = old_versions(studio, PROJECT, NOW + timedelta(days=1))
    assert [version.name for version in old] == [SECOND]


def test_a_small_version_is_deleted_at_once_a_large_one_is_not(state, studio):
    """Deleting thousands in one request would keep annotators waiting."""
    state.now = NOW.replace(hour=10)
    state.predictions = [each for each in state.predictions if each["model_version"] != FIRST]
    state.push(FIRST, *[1] * (SMALL + 1))
    small, large = old_versions(studio, PROJECT, NOW + timedelta(days=1))
    assert (small.name, large.name) == (SECOND, FIRST)
    assert delete_small(studio, PROJECT, small)
    assert not delete_small(studio, PROJECT, large)
    assert (len(state.tasks_of(SECOND)), len(state.tasks_of(FIRST))) == (0, SMALL + 1)


def test_large_versions_are_deleted_task_by_task(state, studio):
    """A page at a time, and nothing else of these tasks."""
    after, deleted = delete_of_next_tasks(studio, PROJECT, {FIRST, SECOND}, 0)
    assert (after, deleted) == (PAGE, 2 * PAGE)
    assert state.tasks_of(FIRST) == state.tasks[PAGE:]
    while after is not None:
        after, _ = delete_of_next_tasks(studio, PROJECT, {FIRST, SECOND}, after)
    assert {each["model_version"] for each in state.predictions} == {THIRD, "their own model"}
    assert state.tasks_of(THIRD) == state.tasks


def test_a_page_is_left_when_time_is_up(state, studio):
    """The next call goes on with the task that was not looked through."""
    left = iter([True, True, False])
    after, deleted = delete_of_next_tasks(studio, PROJECT, {FIRST}, 0, lambda: next(left))
    assert (after, deleted) == (2, 2)
