"""pushoff/studio/predictions.py: the regions of a prediction, and what is pushed in which order.

The real Label Studio is an integration test.
"""

import pytest

from pushoff.studio.config.frames import build_label_config
from pushoff.studio.config.label_config import parse_label_config, require_frame_interface
from pushoff.studio.predictions import (
    TaskPrediction,
    choice_region,
    push_predictions,
    reason_region,
    suggested_region,
)
from pushoff.values import Label, Suggestion
from tests.unit.studio.prediction_studio import PROJECT, PredictionStudio, connected

INTERFACE = require_frame_interface(parse_label_config(build_label_config()))


@pytest.mark.parametrize(
    ("suggestion", "choice", "score"),
    [
        (Suggestion(Label.PUSH_OFF, 0.9), "push_off", 0.9),
        (Suggestion(Label.PUSH_OFF, 0.3), "push_off", 0.3),
        (Suggestion(Label.NOT_PUSH_OFF, 0.1), "not_push_off", 0.9),
        (Suggestion(Label.NOT_PUSH_OFF, 0.6), "not_push_off", 0.4),
    ],
)
def test_the_suggested_label_is_preselected_with_its_own_probability(suggestion, choice, score):
    """Whatever the probability: which label is suggested is not decided here."""
    region = suggested_region(INTERFACE, suggestion)
    assert region["value"] == {"choices": [choice]}
    assert region["score"] == pytest.approx(score)
    assert {key: region[key] for key in choice_region(INTERFACE, suggestion.label)} == (
        choice_region(INTERFACE, suggestion.label)
    )


def test_the_line_under_a_frame_is_a_region_of_its_own():
    """In the label config's TextArea, over the same image."""
    region = reason_region(INTERFACE, "Picked at random.")
    assert region["value"] == {"text": ["Picked at random."]}
    assert (region["from_name"], region["to_name"]) == (INTERFACE.reason_name, INTERFACE.to_name)


VERSION = "resnet18-v1-abcdef.123456"


@pytest.fixture
def state():
    return PredictionStudio(list(range(1, 1201)))


@pytest.fixture
def studio(state):
    with connected(state) as (client, _):
        yield client


def queue_of(tasks):
    """Predictions in an order of their own: the last task comes first."""
    return [
        TaskPrediction(task, Suggestion(Label.PUSH_OFF, 0.9), 1 - task / 5000, "A reason.")
        for task in tasks
    ]


def test_the_head_of_the_queue_is_pushed_first_the_rest_goes_on_where_it_ended(state, studio):
    """In batches, in the order of the queue, and without listing all tasks."""
    queue = queue_of(state.tasks)
    head = push_predictions(studio, PROJECT, queue, VERSION, INTERFACE, at_most=200)
    assert (head.pushed, head.to_follow) == (200, 1000)
    assert state.tasks_of(VERSION) == list(range(1200, 1000, -1))
    rest = push_predictions(studio, PROJECT, queue, VERSION, INTERFACE, at_most=700)
    assert (rest.pushed, rest.already_there, rest.to_follow) == (700, 200, 300)
    last = push_predictions(studio, PROJECT, queue, VERSION, INTERFACE)
    assert (last.pushed, last.already_there, last.to_follow) == (300, 900, 0)
    assert state.tasks_of(VERSION) == state.tasks[::-1]
    pushes = [each for each in state.asked if each.startswith("POST")]
    assert len(pushes) == 1 + 2 + 1
    assert "GET /api/tasks" not in state.asked


def test_a_complete_version_is_not_pushed_again(state, studio):
    """It is counted, and looked at in samples."""
    queue = queue_of(state.tasks)
    state.push(VERSION, *state.tasks[::-1])
    report = push_predictions(studio, PROJECT, queue, VERSION, INTERFACE)
    assert (report.pushed, report.already_there) == (0, 1200)
    assert len(state.asked) < 25


def test_where_the_count_misleads_every_task_is_listed(state, studio):
    """Predictions that somebody deleted from among the first are pushed again, and no other."""
    queue = queue_of(state.tasks)
    deleted = set(range(1150, 1201))
    state.push(VERSION, *(task for task in range(1200, 800, -1) if task not in deleted))
    report = push_predictions(studio, PROJECT, queue, VERSION, INTERFACE)
    assert (report.pushed, report.already_there) == (851, 349)
    assert sorted(state.tasks_of(VERSION)) == state.tasks


def test_tasks_that_were_deleted_meanwhile_do_not_stop_the_rest(state, studio):
    """Of what was pushed and of what is to come."""
    queue = queue_of(state.tasks)
    push_predictions(studio, PROJECT, queue, VERSION, INTERFACE, at_most=200)
    state.tasks = [task for task in state.tasks if task not in (1200, 1001, 1000, 1)]
    state.predictions = [each for each in state.predictions if each["task"] in state.tasks]
    report = push_predictions(studio, PROJECT, queue, VERSION, INTERFACE)
    assert (report.pushed, report.already_there, report.deleted_tasks) == (998, 198, 4)
    assert sorted(state.tasks_of(VERSION)) == state.tasks
