"""Fields of any annotation: who made it and when, its regions, and whether it counts as a label."""

import re
from collections.abc import Mapping
from typing import Any

from pushoff.util.ids import ID_PATTERN

_COACH_REGION = re.compile(rf"coach-({ID_PATTERN})(?:-[0-9]+)?")


def exclusion_reason(annotation: Mapping[str, Any]) -> str | None:
    """Why the annotation is not a label, whatever its result: `skipped`, `bulk accepted`, or None.

    A suggestion accepted in the editor has a lead time; one accepted in bulk in the Data Manager
    has none, and nobody has looked at it.
    """
    if annotation.get("was_cancelled"):
        return "skipped"
    if annotation.get("lead_time") is None and _is_copied_prediction(annotation):
        return "bulk accepted"
    return None


def _is_copied_prediction(annotation: Mapping[str, Any]) -> bool:
    """Whether it was made from a prediction.

    Label Studio clears `parent_prediction` when the prediction is deleted; the scores of the
    copied regions stay.
    """
    return annotation.get("parent_prediction") is not None or any(
        "score" in region for region in _result(annotation)
    )


def annotator_of(annotation: Mapping[str, Any]) -> int:
    """The annotator's user id; -1 where the export does not say."""
    user = annotation.get("completed_by")
    user = user.get("id") if isinstance(user, dict) else user
    return user if isinstance(user, int) else -1


def timestamp_of(annotation: Mapping[str, Any]) -> tuple[str, int]:
    """(ISO 8601 time of the last change, annotation id): the order of annotations in time."""
    number = annotation.get("id")
    changed_at = annotation.get("updated_at") or annotation.get("created_at") or ""
    return str(changed_at), number if isinstance(number, int) else 0


def regions_of(annotation: Mapping[str, Any], from_name: str) -> list[Mapping[str, Any]]:
    """The regions of one control tag that have a value."""
    return [
        region
        for region in _result(annotation)
        if region.get("from_name") == from_name and isinstance(region.get("value"), dict)
    ]


def coach_region_id(coach_session_id: str, number: int | None = None) -> str:
    """Region id of a coach's correction: `coach-<session id>`, and `-<number>` for spans."""
    return f"coach-{coach_session_id}" + (f"-{number}" if number is not None else "")


def coach_session_of(annotation: Mapping[str, Any]) -> str | None:
    """Id of the coach's session whose corrections the annotation holds; None for any other.

    An annotation that somebody has edited in Label Studio since is the editor's: the editor always
    sends a lead time, this service never does.
    """
    if annotation.get("lead_time") is not None or annotation.get("was_cancelled"):
        return None
    for region in _result(annotation):
        match = _COACH_REGION.fullmatch(str(region.get("id")))
        if match:
            return match[1]
    return None


def _result(annotation: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    result = annotation.get("result")
    if not isinstance(result, list):
        return []
    return [region for region in result if isinstance(region, dict)]
