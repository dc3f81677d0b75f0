"""Tabs of Label Studio's Data Manager: created or repaired, never duplicated.

Tabs of the open-source Label Studio are everybody's, and no filter means "my own": so each
person has a tab of their own labels.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from functools import partial
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
    *,
    keep_changed: bool = False,
) -> None:
    """Exactly one tab of that title with these filters, this order and these columns.

    `keep_changed` leaves a tab that is there as it is, because a person may have set it; of several
    with the title those that equal the first are deleted, because two runs overlapped. Without it
    all but the first are deleted. Raises StudioUnreachable, StudioRefused.
    """
    views = studio.sdk_call(lambda sdk: sdk.views.list(project=project_id))
    same = [view for view in views if view.id and (view.data or {}).get("title") == title]
    same.sort(key=lambda view: view.id or 0)
    for view in same[1:]:
        if not keep_changed or view.data == same[0].data:
            _delete_tab(studio, str(view.id))
    if same and keep_changed:
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
    # plain requests: the SDK's type of a tab refuses filters whose value is a list
    if same:
        studio.patch(f"/api/dm/views/{same[0].id}/", {"project": project_id, "data": data})
    else:
        studio.post("/api/dm/views/", {"project": project_id, "data": data})


def ensure_annotator_tabs(studio: LabelStudioClient, project_id: int, media_key: str) -> None:
    """Tasks to label in the order in which annotators get them, each person's own labels, newest
    first, and skipped tasks. Run it again when somebody joins.

    `media_key` is the key of task data that holds the image or video. Raises StudioUnreachable,
    StudioRefused.
    """
    media = f"tasks:data.{media_key}"
    add = partial(ensure_tab, studio, project_id, keep_changed=True)
    shown = (media, *_OPEN_COLUMNS)
    add(TO_LABEL, [_UNLABELLED], ["tasks:predictions_score"], shown)
    users = studio.get("/api/users")[:MAX_PEOPLE]
    names = Counter(map(labelled_by, users))
    for user in users:
        title = labelled_by(user)
        if names[title] > 1:
            title = f"{title} ({user['email']})"
        own = Condition("annotators", "contains", "List", user["id"])
        columns = (media, *_OWN_COLUMNS)
        add(title, [own, _LABELLED], ["-tasks:completed_at"], columns)
    skipped = Condition("cancelled_annotations", "greater", "Number", 0)
    add(SKIPPED, [skipped, _UNLABELLED], ["-tasks:updated_at"], shown)


def labelled_by(user: Mapping[str, Any]) -> str:
    """The title of the tab of one user of Label Studio; people of one name have their address
    added."""
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
