"""Label Studio's JSON: read tolerantly, written exactly. Knows no web framework."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pushoff.errors import BadInput
from pushoff.studio.config.frames import FrameInterface
from pushoff.studio.predictions import suggested_region
from pushoff.studio.task_data import read_frame
from pushoff.values import Box

NO_MODEL = "no-model-yet"
"""The version served before a project has a champion."""
MAX_TASKS = 5000
"""Most tasks of one /predict."""
_PROJECT = re.compile(r"([1-9][0-9]{0,9})(\.[0-9]{1,12})?")


def project_id(value: Any) -> int | None:
    """A project's id out of `3`, `"3"`, `"3.1795343383"` or `{"id": 3, ...}`, else None."""
    if isinstance(value, Mapping):
        value = value.get("id")
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    match = _PROJECT.fullmatch(str(value))
    return int(match[1]) if match else None


@dataclass(frozen=True)
class PredictRequest:
    """What /predict asks for."""

    project_id: int | None
    """None when Label Studio did not say, or said nonsense."""
    tasks: list[Any]
    label_config: str


def parse_predict(body: Mapping[str, Any]) -> PredictRequest:
    """Raises BadInput where no answer of one item per task can be given."""
    tasks = body.get("tasks")
    if not isinstance(tasks, list):
        raise BadInput("`tasks` is not a list of tasks.")
    label_config = body.get("label_config")
    if not isinstance(label_config, str):
        raise BadInput("`label_config` is not a text.")
    return PredictRequest(project_of(body, tasks), tasks, label_config)


def project_of(body: Mapping[str, Any], tasks: list[Any]) -> int | None:
    """The request's project, else that of its first task."""
    first = tasks[0] if tasks and isinstance(tasks[0], Mapping) else {}
    return project_id(body.get("project")) or project_id(first.get("project"))


@dataclass(frozen=True)
class TaskImage:
    """Where a task's image is."""

    task_id: int
    address: str
    box: Box | None
    """The athlete in image pixels; None is the whole image."""


def task_image(task: Any, image_key: str) -> TaskImage | None:
    """Where the task's image is, read as training reads it. None without one; never raises."""
    data = task.get("data") if isinstance(task, Mapping) else None
    if not isinstance(data, Mapping):
        return None
    frame = read_frame(data, image_key)
    number = task.get("id")
    task_id = number if isinstance(number, int) and not isinstance(number, bool) else 0
    return TaskImage(task_id, frame.image, frame.box) if frame.image else None


def without_result(version: str) -> dict[str, Any]:
    """The item of a task nothing is known about.

    Label Studio passes over an item without `result` and asks again another time; an empty
    `result` would be stored as a prediction.
    """
    return {"model_version": version}


def prediction_item(
    interface: FrameInterface, probability: float, threshold: float, score: float, version: str
) -> dict[str, Any]:
    """A task's item: the likelier label by `threshold`, its probability, its place in the queue.

    `probability` is that of push_off; `score`, from 0 to 1, is small where a label is worth most.
    """
    return {
        "result": [suggested_region(interface, probability, threshold)],
        "score": score,
        "model_version": version,
    }
