"""What a coach said on their own page, as annotations: ours to change, and nobody else's.

Each is one choice that carries the session, the account and the moment in its region's `meta`,
where Label Studio shows it. One that somebody has since edited in Label Studio is theirs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pushoff.studio.connect import Studio
from pushoff.studio.label_config import LabelInterface
from pushoff.studio.publish import choice_region
from pushoff.studio.tasks import session_tasks
from pushoff.values import Label


@dataclass(frozen=True)
class Said:
    """One frame's label, who gave it, when (ISO 8601, UTC)."""

    label: Label
    by: str
    at: str


@dataclass(frozen=True)
class SpokenReport:
    """What bringing Label Studio up to date did, in annotations."""

    made: int
    kept: int
    removed: int


def speak(
    studio: Studio,
    project_id: int,
    interface: LabelInterface,
    session: str,
    speaker: str,
    wanted: Mapping[int, Said],
) -> SpokenReport:
    """Make the annotations of `speaker` on the session's tasks exactly those of `wanted`.

    `wanted` maps frame index to what was said; the tasks must be there, other frames lose what
    the speaker said of them before. `speaker` names one coach's session (16 hex digits). Safe to
    run again after any failure. Raises StudioRefused, StudioUnreachable.
    """
    made = kept = removed = 0
    for task in session_tasks(studio, project_id, session):
        frame = task["data"].get("frame_index")
        said = wanted.get(frame) if isinstance(frame, int) else None
        region = _region(interface, speaker, said) if said else None
        ours = [one for one in task.get("annotations") or [] if _is_ours(one, speaker)]
        right = [one for one in ours if region and one["result"] == [region]][:1]
        if region and not right:
            # the new word first: killed in between, the last word counts and the old one goes next
            studio.post(f"/api/tasks/{task['id']}/annotations/", {"result": [region]})
            made += 1
        kept += len(right)
        for old in ours:
            if old not in right:
                studio.delete(f"/api/annotations/{old['id']}/")
                removed += 1
    return SpokenReport(made, kept, removed)


def _region(interface: LabelInterface, speaker: str, said: Said) -> dict[str, Any]:
    where = f"corrected by {said.by} at {said.at} (coach's session {speaker})"
    choice = choice_region(interface, said.label)
    return {**choice, "id": _mark(speaker), "meta": {"text": [where]}}


def _is_ours(annotation: Mapping[str, Any], speaker: str) -> bool:
    """Made by us for this speaker, and not edited since: the editor always sends its seconds."""
    if annotation.get("lead_time") is not None or annotation.get("was_cancelled"):
        return False
    regions = annotation.get("result") or []
    return any(isinstance(one, dict) and one.get("id") == _mark(speaker) for one in regions)


def _mark(speaker: str) -> str:
    return f"coach-{speaker}"
