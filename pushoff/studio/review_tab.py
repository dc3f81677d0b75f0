"""The tab "Review: suspected errors" of Label Studio's Data Manager: probably wrong labels, worst
first, with the reason.

Each suspected task gets a prediction under a version of its own, which the tab filters by, and the
reason as a word of its data, which the tab shows and orders by: the Data Manager can order by task
data, while its column of prediction scores knows the project's current version only. The project's
own version, and with it the annotators' queue, stays as it is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pushoff.errors import StudioUnreachable
from pushoff.studio.client import LabelStudioClient
from pushoff.studio.config.frames import FrameInterface
from pushoff.studio.predictions import (
    delete_version,
    prediction_result,
    reason_region,
    version_count,
)
from pushoff.studio.tabs import ensure_tab
from pushoff.studio.tasks import find_tasks
from pushoff.values import Label

VERSION = "pushoff-review"
TAB = "Review: suspected errors"
KEY = "review"
"""Of task data: rank and reason."""
SHOWN = ("tasks:id", f"tasks:data.{KEY}", "tasks:annotations_results", "tasks:annotators")


@dataclass(frozen=True)
class ReviewItem:
    """One task whose label is probably wrong."""

    task_id: int
    other: Label
    """What the models say."""
    probability: float
    """Of that label, 0 to 1."""
    reason: str
    """One sentence, without a name."""


def refresh_review(
    studio: LabelStudioClient,
    project_id: int,
    interface: FrameInterface,
    doubts: Sequence[ReviewItem],
) -> None:
    """Make the tab list exactly these tasks in this order, the most doubtful first.

    Safe to run twice and to be killed at any line. Tasks deleted meanwhile are left out.
    Raises StudioUnreachable, StudioRefused.
    """
    listed = find_tasks(studio, project_id, f"data.{KEY}", "contains", "String", ": ")
    data = {task.id: task.data for task in listed}
    for one in doubts:
        found = find_tasks(studio, project_id, "id", "equal", "Number", one.task_id)
        data |= {task.id: task.data for task in found}
    doubts = [one for one in doubts if one.task_id in data]
    said = {one.task_id: f"{rank:03d}: {one.reason}" for rank, one in enumerate(doubts, 1)}
    for task_id, words in data.items():
        if words.get(KEY) != said.get(task_id):
            _say(studio, task_id, words, said.get(task_id))
    if version_count(studio, project_id, VERSION):
        delete_version(studio, project_id, VERSION)
    if doubts:
        _push(studio, project_id, [_body(one, interface) for one in doubts])
    ours = {
        "filter": "filter:tasks:predictions_model_versions",
        "operator": "contains",
        "type": "List",
        "value": [VERSION],
    }
    ensure_tab(studio, project_id, TAB, [ours], [f"tasks:data.{KEY}"], SHOWN)


def _say(
    studio: LabelStudioClient, task_id: int, data: Mapping[str, Any], words: str | None
) -> None:
    kept = {name: value for name, value in data.items() if name != KEY}
    studio.patch(f"/api/tasks/{task_id}/", {"data": kept | ({KEY: words} if words else {})})


def _push(studio: LabelStudioClient, project_id: int, bodies: list[dict[str, Any]]) -> None:
    made = studio.post(f"/api/projects/{project_id}/import/predictions", bodies).get("created")
    if made != len(bodies):
        raise StudioUnreachable(
            f"Label Studio stored {made} of {len(bodies)} review notes. Assess the project again."
        )


def _body(one: ReviewItem, interface: FrameInterface) -> dict[str, Any]:
    result = [prediction_result(interface, one.other, one.probability)]
    if interface.why_name:
        result.append(reason_region(interface, one.reason))
    return {
        "task": one.task_id,
        "result": result,
        "score": one.probability,
        "model_version": VERSION,
    }
