"""Tabs of Label Studio's Data Manager: created or repaired, never duplicated."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from pushoff.studio.client import LabelStudioClient
from pushoff.studio.tasks import Condition

QUEUE_TAB = "Queue (in order)"


def ensure_tab(
    studio: LabelStudioClient,
    project_id: int,
    title: str,
    filters: Sequence[Condition],
    ordering: Sequence[str],
    columns: Collection[str] = (),
) -> None:
    """Exactly one tab of that title with these filters and this order.

    `columns` names the columns to show; empty: Label Studio's own choice. Duplicates are deleted.
    Raises StudioUnreachable, StudioRefused.
    """
    data: dict[str, Any] = {
        "title": title,
        "type": "list",
        "target": "tasks",
        "filters": {"conjunction": "and", "items": [filter.as_item() for filter in filters]},
        "ordering": list(ordering),
    }
    if columns:
        all_columns = studio.get("/api/dm/columns", project=project_id)["columns"]
        hidden = [name for name in map(_column_name, all_columns) if name not in columns]
        data["hiddenColumns"] = {"explore": hidden, "labeling": hidden}
    views = studio.sdk_call(lambda sdk: sdk.views.list(project=project_id))
    ids = sorted(view.id for view in views if view.id and (view.data or {}).get("title") == title)
    for duplicate in ids[1:]:
        _delete_view(studio, duplicate)
    # plain requests: the SDK's type of a tab refuses filters whose value is a list
    if ids:
        studio.patch(f"/api/dm/views/{ids[0]}/", {"project": project_id, "data": data})
    else:
        studio.post("/api/dm/views/", {"project": project_id, "data": data})


def _delete_view(studio: LabelStudioClient, view_id: int) -> None:
    studio.sdk_delete(lambda sdk: sdk.views.delete(str(view_id)))


def ensure_queue_tab(studio: LabelStudioClient, project_id: int) -> None:
    """Unlabelled tasks in the order in which annotators get them.

    Raises StudioUnreachable, StudioRefused.
    """
    unlabelled = Condition("total_annotations", "equal", "Number", 0)
    ensure_tab(studio, project_id, QUEUE_TAB, [unlabelled], ["tasks:predictions_score"])


def _column_name(column: Mapping[str, Any]) -> str:
    parent = f"{column['parent']}." if column.get("parent") else ""
    return f"{column['target']}:{parent}{column['id']}"
