"""What an annotation says of itself, whatever it labels: who made it, when, whether it counts."""

from collections.abc import Mapping
from typing import Any

COACH = "coach-"
"""Begins the regions of what a coach said on their own page; the coach's session follows."""


def exclusion_reason(annotation: Mapping[str, Any]) -> str | None:
    """Why the annotation is no label whatever it holds: `skipped`, `bulk accepted`, else None."""
    if annotation.get("was_cancelled"):
        return "skipped"
    if annotation.get("lead_time") is None and _is_copy(annotation):
        # Accepted in the editor, a suggestion comes with the seconds it took; in bulk it does not.
        return "bulk accepted"
    return None


def _is_copy(annotation: Mapping[str, Any]) -> bool:
    """Made from a prediction. Once that is deleted only the copied regions' scores tell."""
    result = annotation.get("result")
    regions = result if isinstance(result, list) else []
    return annotation.get("parent_prediction") is not None or any(
        isinstance(region, dict) and "score" in region for region in regions
    )


def annotator_of(annotation: Mapping[str, Any]) -> int:
    """The annotator's number; -1 where the export does not say."""
    who = annotation.get("completed_by")
    who = who.get("id") if isinstance(who, dict) else who
    return who if isinstance(who, int) else -1


def timestamp_of(annotation: Mapping[str, Any]) -> tuple[str, int]:
    """What annotations are ordered by in time."""
    number = annotation.get("id")
    when = annotation.get("updated_at") or annotation.get("created_at") or ""
    return str(when), number if isinstance(number, int) else 0


def regions_of(annotation: Mapping[str, Any], from_name: str) -> list[Mapping[str, Any]]:
    """The regions of one control tag that have a value."""
    result = annotation.get("result")
    return [
        region
        for region in (result if isinstance(result, list) else [])
        if isinstance(region, dict)
        and region.get("from_name") == from_name
        and isinstance(region.get("value"), dict)
    ]


def coach_region_id(speaker: str) -> str:
    """What the regions of one coach's session are called, numbered or not."""
    return f"{COACH}{speaker}"


def coach_session_of(annotation: Mapping[str, Any]) -> str | None:
    """The `coach_region_id` of what we said for a coach, None for everything else.

    One that was edited since is its editor's: the editor always sends its seconds.
    """
    if annotation.get("lead_time") is not None or annotation.get("was_cancelled"):
        return None
    result = annotation.get("result")
    regions = result if isinstance(result, list) else []
    names = [str(one.get("id") or "") for one in regions if isinstance(one, dict)]
    ours = [name for name in names if name.startswith(COACH)]
    return "-".join(ours[0].split("-")[:2]) if ours else None
