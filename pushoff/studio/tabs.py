"""Tabs of Label Studio's Data Manager: created once, never duplicated; what people change stays.

Tabs of the open-source Label Studio are everybody's, and no filter means "my own": so each
person has a tab of their own labels.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from pushoff.studio.client import LabelStudioClient
from pushoff.studio.tasks import Condition, NewTask

TO_LABEL = "To label"
SKIPPED = "Skipped"
MAX_PEOPLE = 20
"""Most people with a tab of their own: more would bury the others."""
_TASK = ("tasks:id", "tasks:data.athlete", "tasks:data.exercise")
_OPEN_COLUMNS = (*_TASK, "tasks:predictions_score")
_OWN_COLUMNS = (*_TASK, "tasks:annotations_results", "tasks:completed_at")
_UNLABELLED = Condition("total_annotations", "equal", "Number", 0)
_LABELLED = Condition("total_annotations", "greater", "Number", 0)


def ensure_tab(
    studio: LabelStudioClient,
    project_id: int,
    title: str,
    filters: Sequence[Condition],
    ordering: Sequence[str],
    columns: Collection[str],
) -> None:
    """A tab of that title; one that is there is left as it is, because a person may have set it.

    `columns` names the columns to show. Of several tabs with the title those that equal the first
    are deleted: two runs overlapped. Raises StudioUnreachable, StudioRefused.
    """
    views = studio.sdk_call(lambda sdk: sdk.views.list(project=project_id))
    same = [view for view in views if view.id and (view.data or {}).get("title") == title]
    same.sort(key=lambda view: view.id or 0)
    for view in same[1:]:
        if view.data == same[0].data:
            _delete_tab(studio, str(view.id))
    if same:
        return
    hidden = sorted(_all_columns(studio, project_id).difference(columns))
    data: dict[str, Any] = {
        "title": title,
        "type": "list",
        "target": "tasks",
        "filters": {"conjunction": "and", "items": [filter.as_item() for filter in filters]},
        "ordering": list(ordering),
        "hiddenColumns": {"explore": hidden, "labeling": hidden},
    }
    # a plain request: the SDK's type of a tab refuses filters whose value is a list
    studio.post("/api/dm/views/", {"project": project_id, "data": data})


def ensure_annotator_tabs(studio: LabelStudioClient, project_id: int, media_key: str) -> None:
    """Tasks to label in the order in which annotators get them, each person's own labels, newest
    first, and skipped tasks. Run it again when somebody joins.

    `media_key` is the key of task data that holds the image or video. Raises StudioUnreachable,
    StudioRefused.
    """
    media = f"tasks:data.{media_key}"
    order = ["tasks:predictions_score"]
    ensure_tab(studio, project_id, TO_LABEL, [_UNLABELLED], order, (media, *_OPEN_COLUMNS))
    for user in studio.get("/api/users")[:MAX_PEOPLE]:
        own = Condition("annotators", "contains", "List", user["id"])
        title, newest = labelled_by(user), ["-tasks:completed_at"]
        ensure_tab(studio, project_id, title, [own, _LABELLED], newest, (media, *_OWN_COLUMNS))
    skipped = Condition("cancelled_annotations", "greater", "Number", 0)
    newest = ["-tasks:updated_at"]
    shown = (media, *_OPEN_COLUMNS)
    ensure_tab(studio, project_id, SKIPPED, [skipped, _UNLABELLED], newest, shown)


def labelled_by(user: Mapping[str, Any]) -> str:
    """The title of the tab of one user of Label Studio."""
    name = " ".join(filter(None, (user.get("first_name"), user.get("last_name"))))
    return f"Labelled by {name or user['email']}"


def _delete_tab(studio: LabelStudioClient, tab_id: str) -> None:
    studio.sdk_delete(lambda sdk: sdk.views.delete(tab_id))


def _all_columns(studio: LabelStudioClient, project_id: int) -> set[str]:
    """Names of the columns there are, and of those that our tasks will add to an empty project."""
    columns = studio.get("/api/dm/columns", project=project_id)["columns"]
    ours = NewTask("image", "video", "athlete", "exercise", 0, 0.0, None, strip="strip").data()
    return {*map(_column_name, columns), *(f"tasks:data.{key}" for key in (*ours, "box"))}


def _column_name(column: Mapping[str, Any]) -> str:
    parent = f"{column['parent']}." if column.get("parent") else ""
    return f"{column['target']}:{parent}{column['id']}"
