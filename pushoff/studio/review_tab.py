"""The tab "Review: suspected errors" of Label Studio's Data Manager: probably wrong labels, worst
first, with the reason.

Each suspected task gets a prediction under a model version of its own, which the tab filters by,
and the rank and reason in its data, which the tab shows and orders by: the Data Manager orders by
task data, but by prediction scores only of the project's current version. The project's version,
and with it the annotators' queue, does not change.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pushoff.errors import StudioUnreachable
from pushoff.studio.client import LabelStudioClient
from pushoff.studio.config.frames import FrameInterface
from pushoff.studio.predictions import (
    delete_version,
    import_predictions,
    reason_region,
    scored_region,
    version_count,
)
from pushoff.studio.tabs import ensure_tab
from pushoff.studio.tasks import Condition, find_tasks
from pushoff.values import Label

VERSION = "pushoff-review"
TAB = "Review: suspected errors"
DATA_KEY = "review"
"""Key of task data that holds rank and reason."""
COLUMNS = (
    "tasks:id",
    f"tasks:data.{DATA_KEY}",
    "tasks:annotations_results",
    "tasks:annotators",
)


@dataclass(frozen=True)
class ReviewItem:
    """One task whose label is probably wrong."""

    task_id: int
    predicted: Label
    """The models' label, which differs from the annotators'."""
    probability: float
    """Of `predicted`, 0 to 1."""
    reason: str
    """One sentence, without a name."""


def refresh_review(
    studio: LabelStudioClient,
    project_id: int,
    interface: FrameInterface,
    items: Sequence[ReviewItem],
) -> None:
    """Make the tab list exactly these tasks, in this order: the most suspicious first.

    Safe to run twice and after a kill at any line. Tasks that have been deleted are left out.
    Raises StudioUnreachable, StudioRefused.
    """
    listed = find_tasks(
        studio, project_id, Condition(f"data.{DATA_KEY}", "contains", "String", ": ")
    )
    data_of = {task.id: task.data for task in listed}
    for item in items:
        with_id = Condition("id", "equal", "Number", item.task_id)
        data_of |= {task.id: task.data for task in find_tasks(studio, project_id, with_id)}
    items = [item for item in items if item.task_id in data_of]
    texts = {item.task_id: f"{rank:03d}: {item.reason}" for rank, item in enumerate(items, 1)}
    for task_id, data in data_of.items():
        if data.get(DATA_KEY) != texts.get(task_id):
            _write_text(studio, task_id, data, texts.get(task_id))
    if version_count(studio, project_id, VERSION):
        delete_version(studio, project_id, VERSION)
    if items:
        _push(studio, project_id, [_prediction(item, interface) for item in items])
    of_review = Condition("predictions_model_versions", "contains", "List", [VERSION])
    ensure_tab(studio, project_id, TAB, [of_review], [f"tasks:data.{DATA_KEY}"], COLUMNS)


def _write_text(
    studio: LabelStudioClient, task_id: int, data: Mapping[str, Any], text: str | None
) -> None:
    """Set the task's review text; None removes it."""
    other = {key: value for key, value in data.items() if key != DATA_KEY}
    new_data = other | ({DATA_KEY: text} if text else {})
    studio.sdk_call(lambda sdk: sdk.tasks.update(str(task_id), data=new_data))


def _push(studio: LabelStudioClient, project_id: int, predictions: list[dict[str, Any]]) -> None:
    created = import_predictions(studio, project_id, predictions)
    if created != len(predictions):
        raise StudioUnreachable(
            f"Label Studio stored {created} of {len(predictions)} review notes.",
            remedy="Assess the project again.",
        )


def _prediction(item: ReviewItem, interface: FrameInterface) -> dict[str, Any]:
    result = [scored_region(interface, item.predicted, item.probability)]
    if interface.reason_name:
        result.append(reason_region(interface, item.reason))
    return {
        "task": item.task_id,
        "result": result,
        "score": item.probability,
        "model_version": VERSION,
    }
