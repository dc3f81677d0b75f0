"""Predictions into Label Studio: pushed in batches, counted, then switched on."""

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from pushoff.errors import StudioRefused, StudioUnreachable
from pushoff.studio.client import LabelStudioClient
from pushoff.studio.config.frames import FrameInterface
from pushoff.studio.tasks import list_tasks
from pushoff.values import Label

BATCH = 5000
"""Predictions of one request. Label Studio counts the predictions of all tasks anew after each, so
2,500 take 1.5 s at once and 6.3 s by five hundreds (measured, SQLite)."""
LEAST_CERTAIN_FIRST = "Uncertainty sampling"


@dataclass(frozen=True)
class TaskPrediction:
    """What a model says of one task."""

    task_id: int
    probability: float | None
    """Of push_off, 0 to 1; None: there is no suggestion, only a place in the queue."""
    score: float
    """Place in the annotator's queue, 0 to 1: the smallest comes first."""
    why: str = ""
    """Why the task has that place, shown where the label config has a line for it."""


@dataclass(frozen=True)
class PublishReport:
    """What pushing did."""

    pushed: int
    already_there: int
    gone: int
    """Tasks deleted in Label Studio meanwhile."""


def push_predictions(
    studio: LabelStudioClient,
    project_id: int,
    predictions: Sequence[TaskPrediction],
    version: str,
    interface: FrameInterface,
    threshold: float,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> PublishReport:
    """Push one prediction per task under `version`; tasks that have one are left alone.

    `on_progress` gets the predictions pushed so far and their number. Counts are read back.
    Raises ValueError for a number outside [0, 1] (Label Studio would store it or drop it in
    silence), StudioRefused, StudioUnreachable.
    """
    for one in predictions:
        for number in (one.probability, one.score):
            if number is not None and not (math.isfinite(number) and 0 <= number <= 1):
                raise ValueError(f"task {one.task_id}: {number} is not a number from 0 to 1")
    before = version_count(studio, project_id, version)
    have = _predicted(studio, project_id, version) if before else set()
    wanted = {one.task_id: one for one in predictions if _says_something(one, interface)}
    todo = [one for task_id, one in wanted.items() if task_id not in have]
    pushed = 0
    for start in range(0, len(todo), BATCH):
        batch = [_body(one, version, interface, threshold) for one in todo[start : start + BATCH]]
        pushed += push_batch(studio, project_id, batch)
        on_progress(start + len(batch), len(todo))
    if version_count(studio, project_id, version) < before + pushed:
        _explain(studio, project_id, version, wanted)
    already = sum(task_id in have for task_id in wanted)
    return PublishReport(pushed, already, len(wanted) - already - pushed)


def activate_version(studio: LabelStudioClient, project_id: int, version: str) -> None:
    """Serve `version` and the least certain tasks first; read back.

    Raises StudioRefused, also when no prediction of that version is there: push first.
    """
    wanted = {"model_version": version, "sampling": LEAST_CERTAIN_FIRST}
    studio.patch(f"/api/projects/{project_id}", wanted)
    project = studio.get(f"/api/projects/{project_id}")
    wrong = {name: project[name] for name, value in wanted.items() if project[name] != value}
    if wrong:
        raise StudioRefused(f"Label Studio did not switch project {project_id} over: {wrong}")


def version_count(studio: LabelStudioClient, project_id: int, version: str) -> int:
    """How many predictions of `version` the project has."""
    return version_counts(studio, project_id).get(version, 0)


def version_counts(studio: LabelStudioClient, project_id: int) -> dict[str, int]:
    """How many predictions the project has of each version."""
    versions = studio.get(f"/api/projects/{project_id}/model-versions", extended="true")["static"]
    counts: dict[str, int] = {}
    for one in versions:
        counts[one["model_version"]] = counts.get(one["model_version"], 0) + one["count"]
    return counts


def delete_version(studio: LabelStudioClient, project_id: int, version: str) -> None:
    """Delete every prediction of a version. Label Studio answers when it is done, up to a minute.

    Raises StudioRefused, StudioUnreachable.
    """
    studio.delete(f"/api/projects/{project_id}/model-versions/", {"model_version": version})


def choice_region(interface: FrameInterface, label: Label) -> dict[str, Any]:
    """One region of an annotation's `result`."""
    return {
        "id": "push-off",
        "from_name": interface.from_name,
        "to_name": interface.to_name,
        "type": "choices",
        "value": {"choices": [interface.choices[label]]},
    }


def prediction_result(
    interface: FrameInterface, label: Label, probability: float
) -> dict[str, Any]:
    """One region of a prediction's `result`. `probability` is that of `label`."""
    return {**choice_region(interface, label), "score": probability}


def reason_region(interface: FrameInterface, why: str) -> dict[str, Any]:
    """The line under the frame; only for an interface with a `why_name`."""
    return {
        "id": "why",
        "from_name": interface.why_name,
        "to_name": interface.to_name,
        "type": "textarea",
        "value": {"text": [why]},
    }


def _says_something(one: TaskPrediction, interface: FrameInterface) -> bool:
    """Label Studio takes a prediction without any region for no prediction at all."""
    return one.probability is not None or bool(one.why and interface.why_name)


def _body(
    one: TaskPrediction, version: str, interface: FrameInterface, threshold: float
) -> dict[str, Any]:
    result: list[dict[str, Any]] = []
    if one.probability is not None:
        is_push_off = one.probability >= threshold
        label = Label.PUSH_OFF if is_push_off else Label.NOT_PUSH_OFF
        probability = one.probability if is_push_off else 1 - one.probability
        result.append(prediction_result(interface, label, probability))
    if one.why and interface.why_name:
        result.append(reason_region(interface, one.why))
    return {
        "task": one.task_id,
        "result": result,
        "score": one.score,
        "model_version": version,
    }


def push_batch(studio: LabelStudioClient, project_id: int, batch: list[dict[str, Any]]) -> int:
    """Push predictions as Label Studio takes them; returns how many were stored.

    It refuses all of them when one task was deleted: the rest goes again. Raises StudioUnreachable
    when it stored fewer than it took, StudioRefused.
    """
    path = f"/api/projects/{project_id}/import/predictions"
    try:
        created = studio.post(path, batch).get("created")
    except StudioRefused as refused:
        there = {task.id for task in list_tasks(studio, project_id)}
        left = [one for one in batch if one["task"] in there]
        if refused.status != 400 or len(left) == len(batch):
            raise
        batch, created = left, studio.post(path, left).get("created") if left else 0
    if created != len(batch):
        raise StudioUnreachable(
            f"Label Studio stored {created} of {len(batch)} predictions. "
            "Publish again: only the missing ones are pushed."
        )
    return len(batch)


def _predicted(studio: LabelStudioClient, project_id: int, version: str) -> set[int]:
    """Ids of the tasks that `version` has predicted. Slow: seconds for thousands."""
    return {task.id for task in list_tasks(studio, project_id, predicted_by=version)}


def _explain(
    studio: LabelStudioClient, project_id: int, version: str, wanted: Collection[int]
) -> None:
    """Predictions are fewer than they should be: nothing to say when their tasks are gone."""
    there = {task.id for task in list_tasks(studio, project_id)}
    missing = sorted((set(wanted) & there) - _predicted(studio, project_id, version))
    if missing:
        raise StudioUnreachable(
            f"{len(missing)} predictions of {version} are not in Label Studio after pushing "
            f"(first: task {missing[0]}). Publish again: only the missing ones are pushed."
        )
