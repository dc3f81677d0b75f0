"""Tabs of Label Studio's Data Manager: made, set right, never twice."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from pushoff.studio.client import LabelStudioClient

QUEUE_TAB = "Queue: next first"


def ensure_tab(
    studio: LabelStudioClient,
    project_id: int,
    title: str,
    filters: Sequence[Mapping[str, Any]],
    ordering: Sequence[str],
    shown: Collection[str] = (),
) -> None:
    """The tab of that title as it should be; one that somebody changed is set right.

    `shown` names its columns; empty: Label Studio's own choice. Surplus tabs are removed.
    Raises StudioUnreachable, StudioRefused.
    """
    wanted = {
        "title": title,
        "type": "list",
        "target": "tasks",
        "filters": {"conjunction": "and", "items": list(filters)},
        "ordering": list(ordering),
    }
    if shown:
        columns = studio.get("/api/dm/columns", project=project_id)["columns"]
        hidden = [name for name in map(_column, columns) if name not in shown]
        wanted["hiddenColumns"] = {"explore": hidden, "labeling": hidden}
    views = studio.get("/api/dm/views/", project=project_id)
    there = sorted(one["id"] for one in views if one["data"].get("title") == title)
    for surplus in there[1:]:
        studio.delete(f"/api/dm/views/{surplus}/")
    if there:
        studio.patch(f"/api/dm/views/{there[0]}/", {"project": project_id, "data": wanted})
    else:
        studio.post("/api/dm/views/", {"project": project_id, "data": wanted})


def _column(one: Mapping[str, Any]) -> str:
    parent = f"{one['parent']}." if one.get("parent") else ""
    return f"{one['target']}:{parent}{one['id']}"


def ensure_queue_tab(studio: LabelStudioClient, project_id: int) -> None:
    """Open tasks in the order in which annotators get them; also where somebody looks by hand."""
    unlabelled = {
        "filter": "filter:tasks:total_annotations",
        "operator": "equal",
        "type": "Number",
        "value": 0,
    }
    ensure_tab(studio, project_id, QUEUE_TAB, [unlabelled], ["tasks:predictions_score"])
