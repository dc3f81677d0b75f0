"""Predictions in Label Studio: pushed in batches, counted, then activated."""

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from pushoff.errors import StudioRefused, StudioUnreachable
from pushoff.studio.client import LabelStudioClient
from pushoff.studio.config.frames import FrameInterface
from pushoff.studio.tasks import list_tasks
from pushoff.values import Label, Suggestion

BATCH = 500
"""Predictions of one request: it takes a fraction of a second, so annotators' requests get in
between, and Label Studio checks all of them before it stores the first. With its flag
FAST_IMPORT it then counts only the predictions of these tasks again, without it those of the whole
project, which takes a second for every 2,000 tasks (measured, SQLite)."""
FAST_IMPORT = "fflag_fix_back_4620_memory_efficient_predictions_import_08012025_short"
"""Label Studio's environment variable of that flag, `true` or `false`."""
SAMPLES = 6
"""Tasks looked at, among those that should have their prediction and among the others."""
LEAST_CERTAIN_FIRST = "Uncertainty sampling"


@dataclass(frozen=True)
class TaskPrediction:
    """A model's prediction for one task."""

    task_id: int
    suggestion: Suggestion | None
    """None: there is only a place in the queue."""
    score: float
    """Place in the annotator's queue, 0 to 1: the smallest comes first."""
    reason: str = ""
    """Why the task has that place; shown where the label config has a TextArea for it."""


@dataclass(frozen=True)
class PublishReport:
    """Numbers of predictions."""

    pushed: int
    already_there: int
    deleted_tasks: int
    """Tasks that were deleted in Label Studio meanwhile."""
    to_follow: int = 0
    """Not pushed yet, because only so many were to be pushed."""


def push_predictions(
    studio: LabelStudioClient,
    project_id: int,
    predictions: Sequence[TaskPrediction],
    version: str,
    interface: FrameInterface,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
    at_most: int | None = None,
) -> PublishReport:
    """Push one prediction per task under `version`, those that come first in the queue first; tasks
    that have one are left alone.

    A version's predictions are the same at every call. `at_most` are pushed, by default all;
    `on_progress` gets the predictions pushed so far and their number. Counts are read back. Raises
    ValueError for a number outside [0, 1] (Label Studio stores it or drops it silently),
    StudioRefused, StudioUnreachable.
    """
    for prediction in predictions:
        suggestion = prediction.suggestion
        for number in (suggestion.probability if suggestion else None, prediction.score):
            if number is not None and not (math.isfinite(number) and 0 <= number <= 1):
                raise ValueError(f"task {prediction.task_id}: {number} is not between 0 and 1")
    before = version_count(studio, project_id, version)
    by_task = {
        prediction.task_id: prediction
        for prediction in sorted(predictions, key=lambda prediction: prediction.score)
        if has_content(prediction, interface)
    }
    predicted = _already_there(studio, project_id, version, list(by_task), before)
    missing = [prediction for task_id, prediction in by_task.items() if task_id not in predicted]
    to_follow = 0 if at_most is None else max(0, len(missing) - at_most)
    missing = missing[: len(missing) - to_follow]
    pushed = 0
    for start in range(0, len(missing), BATCH):
        batch = [
            _body(prediction, version, interface) for prediction in missing[start : start + BATCH]
        ]
        pushed += push_batch(studio, project_id, batch)
        on_progress(start + len(batch), len(missing))
    if version_count(studio, project_id, version) < before + pushed:
        expected = predicted.union(prediction.task_id for prediction in missing)
        _report_missing(studio, project_id, version, expected.intersection(by_task))
    already_there = sum(task_id in predicted for task_id in by_task)
    return PublishReport(pushed, already_there, len(missing) - pushed, to_follow)


def activate_version(studio: LabelStudioClient, project_id: int, version: str) -> None:
    """Show `version` to annotators, the least certain tasks first; read back.

    Raises StudioRefused, also when the project has no prediction of that version: push first.
    """
    studio.sdk_call(
        lambda sdk: sdk.projects.update(
            project_id, model_version=version, sampling=LEAST_CERTAIN_FIRST
        )
    )
    project = studio.sdk_call(lambda sdk: sdk.projects.get(project_id))
    if (project.model_version, project.sampling) != (version, LEAST_CERTAIN_FIRST):
        raise StudioRefused(
            f"Label Studio did not activate {version} in project {project_id}: its model version "
            f"is {project.model_version!r} and its sampling {project.sampling!r}"
        )


def version_count(studio: LabelStudioClient, project_id: int, version: str) -> int:
    """The project's number of predictions of `version`."""
    return version_counts(studio, project_id).get(version, 0)


def version_counts(studio: LabelStudioClient, project_id: int) -> dict[str, int]:
    """The project's number of predictions of each model version."""
    versions = studio.get(f"/api/projects/{project_id}/model-versions", extended="true")["static"]
    counts: dict[str, int] = {}
    for version in versions:
        name = version["model_version"]
        counts[name] = counts.get(name, 0) + version["count"]
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


def scored_region(interface: FrameInterface, label: Label, probability: float) -> dict[str, Any]:
    """One region of a prediction's `result`; `probability` is that of `label`, 0 to 1."""
    return {**choice_region(interface, label), "score": probability}


def suggested_region(interface: FrameInterface, suggestion: Suggestion) -> dict[str, Any]:
    """The region of the label that is preselected."""
    return scored_region(interface, suggestion.label, suggestion.confidence)


def reason_region(interface: FrameInterface, reason: str) -> dict[str, Any]:
    """The line under the frame; only for an interface with a `reason_name`."""
    return {
        "id": "reason",
        "from_name": interface.reason_name,
        "to_name": interface.to_name,
        "type": "textarea",
        "value": {"text": [reason]},
    }


def push_batch(
    studio: LabelStudioClient, project_id: int, predictions: list[dict[str, Any]]
) -> int:
    """Push predictions as Label Studio takes them; returns how many were stored.

    Label Studio refuses all of them when one task was deleted: the others are pushed again. Raises
    StudioUnreachable when it stored fewer than it accepted, StudioRefused.
    """
    try:
        created = import_predictions(studio, project_id, predictions)
    except StudioRefused as refused:
        existing = {task.id for task in list_tasks(studio, project_id)}
        remaining = [prediction for prediction in predictions if prediction["task"] in existing]
        if refused.status != 400 or len(remaining) == len(predictions):
            raise
        predictions = remaining
        created = import_predictions(studio, project_id, remaining) if remaining else 0
    if created != len(predictions):
        raise StudioUnreachable(
            f"Label Studio stored {created} of {len(predictions)} predictions.",
            remedy="Publish again: only the missing ones are pushed.",
        )
    return len(predictions)


def import_predictions(
    studio: LabelStudioClient, project_id: int, predictions: Sequence[dict[str, Any]]
) -> int:
    """Store predictions ({task, result, score, model_version}); returns how many were stored.

    Raises StudioRefused, StudioUnreachable.
    """
    from label_studio_sdk import PredictionRequest

    request = [PredictionRequest(**prediction) for prediction in predictions]
    response = studio.sdk_call(
        lambda sdk: sdk.projects.import_predictions(project_id, request=request)
    )
    return response.created or 0


def has_content(prediction: TaskPrediction, interface: FrameInterface) -> bool:
    """Whether it has a region: Label Studio ignores predictions without one."""
    return prediction.suggestion is not None or bool(prediction.reason and interface.reason_name)


def _body(prediction: TaskPrediction, version: str, interface: FrameInterface) -> dict[str, Any]:
    result: list[dict[str, Any]] = []
    if prediction.suggestion is not None:
        result.append(suggested_region(interface, prediction.suggestion))
    if prediction.reason and interface.reason_name:
        result.append(reason_region(interface, prediction.reason))
    return {
        "task": prediction.task_id,
        "result": result,
        "score": prediction.score,
        "model_version": version,
    }


def _already_there(
    studio: LabelStudioClient, project_id: int, version: str, task_ids: Sequence[int], count: int
) -> set[int]:
    """The tasks with a prediction of `version`, of which there are `count` in all.

    They were pushed in the order of `task_ids`, so they are the first `count`, unless a task was
    deleted or two runs overlapped: that is seen in samples, and then all tasks are listed.
    """
    samples = {
        *(count * part // SAMPLES for part in range(SAMPLES)),
        count - 1,
        *(count + (len(task_ids) - count) * part // SAMPLES for part in range(SAMPLES)),
    }
    if count > len(task_ids) or any(
        _has_prediction(studio, task_ids[row], version) != (row < count)
        for row in sorted(samples)
        if 0 <= row < len(task_ids) and count
    ):
        return _predicted(studio, project_id, version)
    return set(task_ids[:count])


def _has_prediction(studio: LabelStudioClient, task_id: int, version: str) -> bool:
    """False for a task that was deleted."""
    try:
        predictions = studio.get("/api/predictions/", task=task_id)
    except StudioRefused as refused:
        if refused.status not in (400, 404):
            raise
        return False
    return any(each["model_version"] == version for each in predictions)


def _predicted(studio: LabelStudioClient, project_id: int, version: str) -> set[int]:
    """Ids of the tasks with a prediction of `version`. Slow: seconds for thousands."""
    return {task.id for task in list_tasks(studio, project_id, predicted_by=version)}


def _report_missing(
    studio: LabelStudioClient, project_id: int, version: str, task_ids: Collection[int]
) -> None:
    """Raise StudioUnreachable when existing tasks have no prediction after pushing."""
    existing = {task.id for task in list_tasks(studio, project_id)}
    missing = sorted((set(task_ids) & existing) - _predicted(studio, project_id, version))
    if missing:
        raise StudioUnreachable(
            f"{len(missing)} predictions of {version} are not in Label Studio after pushing "
            f"(first: task {missing[0]}).",
            remedy="Publish again: only the missing ones are pushed.",
        )
