"""backend/label_studio_protocol.py: Label Studio's JSON."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.label_studio_protocol import (
    parse_predict,
    prediction_item,
    project_id,
    project_of,
    read_task,
    without_result,
)
from pushoff.errors import BadInput
from pushoff.learning.model.frame_suggestion import NOBODY_FOUND, FrameSuggestion
from pushoff.studio.config.label_config import parse_label_config
from pushoff.values import Box, Label, Suggestion

CONFIG = (
    '<View><Image name="pic" value="$frame"/><Choices name="answer" toName="pic">'
    '<Choice value="Push off" alias="yes"/><Choice value="Not push off"/></Choices></View>'
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "data", "frame", "box", "project"]), inner)
    ),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("given_as", "expected"),
    [
        (3, 3),
        ("3", 3),
        ("3.1795343383", 3),
        ({"id": 7, "token": "x"}, 7),
        (0, None),
        (-3, None),
        (True, None),
        (10**12, None),
        ("3.1/..", None),
        ("٣", None),
        (3.5, None),
        (None, None),
        ([3], None),
        ({"id": {"id": 3}}, None),
    ],
)
def test_project_ids_of_every_shape(given_as: object, expected: int | None) -> None:
    """Invalid ones give None."""
    assert project_id(given_as) == expected


@given(ANYTHING)
def test_any_task_is_accepted(task: object) -> None:
    """A task of any shape is a frame, with an image or without, or nothing."""
    found = read_task(task, "frame")
    assert found is None or isinstance(found.frame.image, str)


def test_our_own_tasks_have_a_box() -> None:
    """Address, id, box and place in the video of a task made by ingest."""
    data = {"frame": "/x.jpg", "box": [1, 2, 30, 40], "video_id": "ab" * 8, "frame_index": 7}
    found = read_task({"id": 5, "data": data}, "frame")
    assert found is not None
    assert (found.task_id, found.frame.image) == (5, "/x.jpg")
    assert found.frame.box == Box(1, 2, 30, 40)
    assert (found.frame.video_id, found.frame.frame_index) == ("ab" * 8, 7)


def test_the_item_uses_the_names_of_the_label_config() -> None:
    """Names, alias and probability of the suggested label, and the score about 0.5."""
    interface = parse_label_config(CONFIG)
    suggested = FrameSuggestion(Suggestion(Label.PUSH_OFF, 0.3))
    made = prediction_item(interface, suggested, "v")
    [region] = made["result"]
    assert (region["from_name"], region["to_name"]) == ("answer", "pic")
    assert region["value"] == {"choices": ["yes"]}
    assert (region["score"], made["model_version"]) == (0.3, "v")
    assert made["score"] == pytest.approx(0.4)
    other = FrameSuggestion(Suggestion(Label.NOT_PUSH_OFF, 0.2))
    [region] = prediction_item(interface, other, "v")["result"]
    assert region["value"] == {"choices": ["Not push off"]}
    assert region["score"] == 0.8


LINE = '<TextArea name="reason" toName="pic" editable="false"/></View>'


def test_the_line_says_what_is_suggested_and_how_probable_it_is() -> None:
    """As for published tasks; a task that is asked for has no reason of its place in the queue."""
    suggested = FrameSuggestion(Suggestion(Label.NOT_PUSH_OFF, 0.17))
    made = prediction_item(parse_label_config(CONFIG.replace("</View>", LINE)), suggested, "v")
    choice, line = made["result"]
    assert choice["value"] == {"choices": ["Not push off"]}
    assert line["value"] == {"text": ["not_push_off 0.83. Ctrl+Enter accepts."]}


def test_without_a_suggestion_the_item_says_why() -> None:
    """Only the line for the annotator; without a place for it, no result."""
    nothing = FrameSuggestion(None, "No suggestion: it is dark.")
    made = prediction_item(parse_label_config(CONFIG.replace("</View>", LINE)), nothing, "v")
    [region] = made["result"]
    assert (region["from_name"], region["type"]) == ("reason", "textarea")
    assert region["value"] == {"text": ["No suggestion: it is dark."]}
    assert (made["score"], made["model_version"]) == (0, "v")
    assert prediction_item(parse_label_config(CONFIG), nothing, "v") == {"model_version": "v"}


def test_a_picture_in_which_nobody_was_found_comes_last() -> None:
    """Nothing can be learnt from its label."""
    interface = parse_label_config(CONFIG.replace("</View>", LINE))
    assert prediction_item(interface, NOBODY_FOUND, "v")["score"] == 1


def test_an_item_without_a_prediction_has_no_result() -> None:
    """Label Studio would store an empty result."""
    assert without_result("v") == {"model_version": "v"}


@pytest.mark.parametrize(
    "body", [{}, {"tasks": None}, {"tasks": {}}, {"tasks": []}, {"tasks": [], "label_config": 3}]
)
def test_a_request_without_tasks_or_config_is_refused(body: dict[str, object]) -> None:
    """One item per task cannot be given."""
    with pytest.raises(BadInput):
        parse_predict(body)


def test_an_event_without_a_project_has_that_of_its_first_task() -> None:
    """None if there is no task, or it names no project."""
    assert project_of([{"project": 4}, {"project": 5}]) == 4
    assert [project_of(tasks) for tasks in ([], [None], [{}], [{"project": "x"}])] == [None] * 4
