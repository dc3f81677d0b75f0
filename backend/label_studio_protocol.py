"""Parse Label Studio's requests tolerantly and build its responses. No web framework."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pushoff.errors import BadInput
from pushoff.studio.config.frames import FrameInterface
from pushoff.studio.predictions import suggested_region
from pushoff.studio.task_data import read_frame
from pushoff.values import Box

NO_MODEL = "no-model-yet"
"""The version that is reported before there is a champion."""
MAX_TASKS = 5000
"""Of one /predict request."""
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
class TaskImage:
    """The image of a task."""

    task_id: int
    address: str
    box: Box | None
    """The athlete in image pixels; None is the whole image."""


def task_image(task: Any, image_key: str) -> TaskImage | None:
    """The image of a task, read like in training; None for a task without one. Never raises."""
    data = task.get("data") if isinstance(task, Mapping) else None
    if not isinstance(data, Mapping):
        return None
    frame = read_frame(data, image_key)
    number = task.get("id")
    task_id = number if isinstance(number, int) and not isinstance(number, bool) else 0
    return TaskImage(task_id, frame.image, frame.box) if frame.image else None


def without_result(version: str) -> dict[str, Any]:
    """The item of a task without a prediction.

    Label Studio ignores an item without `result` and asks again later; it would store an empty
    `result` as a prediction.
    """
    return {"model_version": version}


def prediction_item(
    interface: FrameInterface, probability: float, threshold: float, score: float, version: str
) -> dict[str, Any]:
    """A task's item: the predicted label, its probability and the score that orders tasks.

    `probability` is that of push_off; the label is push_off from `threshold` on. `score` is from 0
    to 1; the task with the smallest is annotated first.
    """
    return {
        "result": [suggested_region(interface, probability, threshold)],
        "score": score,
        "model_version": version,
    }
