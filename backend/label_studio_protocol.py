"""Parse Label Studio's requests tolerantly and build its responses. No web framework."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backend.uncertainty import annotation_score
from pushoff.errors import BadInput
from pushoff.learning.model.frame_suggestion import FrameSuggestion
from pushoff.studio.config.frames import FrameInterface
from pushoff.studio.predictions import reason_region, suggested_region
from pushoff.studio.task_data import TaskFrame, read_frame
from pushoff.workflows.steps.suggestion_line import suggestion_line

NO_MODEL = "no-model-yet"
"""The version that is reported before there is a champion."""
MAX_TASKS = 5000
"""Of one /predict request."""
UNDECIDED = 0.5
"""The probability by which a task without a suggestion is ordered."""
_PROJECT = re.compile(r"([1-9][0-9]{0,9})(\.[0-9]{1,12})?")


def project_id(value: Any) -> int | None:
    """The project id in `3`, `"3"`, `"3.1795343383"` or `{"id": 3, ...}`; otherwise None."""
    if isinstance(value, Mapping):
        value = value.get("id")
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    match = _PROJECT.fullmatch(str(value))
    return int(match[1]) if match else None


@dataclass(frozen=True)
class PredictRequest:
    """The body of a /predict request."""

    tasks: list[Any]
    label_config: str


def parse_predict(body: Mapping[str, Any]) -> PredictRequest:
    """Raises BadInput if the body has no list of tasks or no label config."""
    tasks = body.get("tasks")
    if not isinstance(tasks, list):
        raise BadInput("`tasks` is not a list of tasks.")
    label_config = body.get("label_config")
    if not isinstance(label_config, str):
        raise BadInput("`label_config` is not a string.")
    return PredictRequest(tasks, label_config)


def project_of(tasks: Sequence[Any]) -> int | None:
    """The project of the first task; None without a task or a valid project."""
    first = tasks[0] if tasks and isinstance(tasks[0], Mapping) else {}
    return project_id(first.get("project"))


@dataclass(frozen=True)
class PredictTask:
    """A task of a /predict request."""

    task_id: int
    """0 where it has none."""
    frame: TaskFrame


def read_task(task: Any, image_key: str) -> PredictTask | None:
    """A task, its data read like in training; None for one without data. Never raises."""
    data = task.get("data") if isinstance(task, Mapping) else None
    if not isinstance(data, Mapping):
        return None
    number = task.get("id")
    task_id = number if isinstance(number, int) and not isinstance(number, bool) else 0
    return PredictTask(task_id, read_frame(data, image_key))


def without_result(version: str) -> dict[str, Any]:
    """The item of a task without a prediction.

    Label Studio ignores an item without `result` and asks again later; it would store an empty
    `result` as a prediction.
    """
    return {"model_version": version}


def prediction_item(
    interface: FrameInterface, suggested: FrameSuggestion, version: str
) -> dict[str, Any]:
    """A task's item: the suggested label with its probability, the line below the frame, and the
    score that orders tasks.

    Without a suggestion there is only the line, which says why, and the first place in the order,
    or the last where nobody was found in the picture; where the label config has no place for the
    line, the item has no result.
    """
    suggestion = suggested.suggestion
    result, line = [], suggested.why_none
    if suggestion is not None:
        result.append(suggested_region(interface, suggestion))
        label, probability = suggestion.label, suggestion.confidence
        line = suggestion_line(label, probability, by_rules=suggested.by_rules)
    if line and interface.reason_name:
        result.append(reason_region(interface, line))
    if not result:
        return without_result(version)
    return {
        "result": result,
        "score": annotation_score(_probability(suggested)),
        "model_version": version,
    }


def _probability(suggested: FrameSuggestion) -> float:
    if suggested.suggestion:
        return suggested.suggestion.probability
    return 0.0 if suggested.nobody else UNDECIDED
