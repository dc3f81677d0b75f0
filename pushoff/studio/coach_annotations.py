"""What a coach said on their own page, as annotations: ours to change, and nobody else's.

Of a frame's task each is one choice, of a video's one annotation with a span for each stretch of
frames. Every region carries the session, the account and the moment in its `meta`, where Label
Studio shows it. One that somebody has since edited in Label Studio is theirs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pushoff.studio.client import LabelStudioClient
from pushoff.studio.config.frames import FrameInterface, Interface
from pushoff.studio.config.timeline import TimelineInterface
from pushoff.studio.export.annotations import coach_region_id, coach_session_of
from pushoff.studio.predictions import choice_region
from pushoff.studio.tasks import video_tasks
from pushoff.studio.timeline.spans import Span, span_region
from pushoff.studio.timeline.tasks import video_task_key
from pushoff.values import Label


@dataclass(frozen=True)
class FrameLabel:
    """One frame's label, who gave it, when (ISO 8601, UTC)."""

    label: Label
    by: str
    at: str


@dataclass(frozen=True)
class SyncResult:
    """What bringing Label Studio up to date did, in annotations."""

    made: int
    kept: int
    removed: int


def sync_coach_annotations(
    studio: LabelStudioClient,
    project_id: int,
    interface: Interface,
    session: str,
    speaker: str,
    wanted: Mapping[int, FrameLabel],
) -> SyncResult:
    """Make the annotations of `speaker` on the session's tasks exactly those of `wanted`.

    `wanted` maps frame index to what was said; the tasks must be there, other frames lose what
    the speaker said of them before. `speaker` names one coach's session (16 hex digits). Safe to
    run again after any failure. Raises StudioRefused, StudioUnreachable.
    """
    made = kept = removed = 0
    for task in video_tasks(studio, project_id, session):
        regions = _regions(interface, task["data"], session, speaker, wanted)
        there = task.get("annotations") or []
        ours = [one for one in there if coach_session_of(one) == coach_region_id(speaker)]
        right = [one for one in ours if regions and one["result"] == regions][:1]
        if regions and not right:
            # the new word first: killed in between, the last word counts and the old one goes next
            studio.post(f"/api/tasks/{task['id']}/annotations/", {"result": regions})
            made += 1
        kept += len(right)
        for old in ours:
            if old not in right:
                studio.delete(f"/api/annotations/{old['id']}/")
                removed += 1
    return SyncResult(made, kept, removed)


def _regions(
    interface: Interface,
    data: Mapping[str, Any],
    session: str,
    speaker: str,
    wanted: Mapping[int, FrameLabel],
) -> list[dict[str, Any]]:
    """What the speaker says of the task with this data; nothing for a task of somebody else's."""
    if isinstance(interface, FrameInterface):
        frame = data.get("frame_index")
        said = wanted.get(frame) if isinstance(frame, int) else None
        return [_frame_region(interface, speaker, said)] if said else []
    if data.get("key") != video_task_key(session):
        return []
    return [
        _span_region(interface, speaker, number, first, last, said)
        for number, (first, last, said) in enumerate(_stretches(wanted))
        if said.label in interface.labels
    ]


def _stretches(wanted: Mapping[int, FrameLabel]) -> list[tuple[int, int, FrameLabel]]:
    """Neighbouring frames of which the same was said, as (first, last, what was said)."""
    found: list[tuple[int, int, FrameLabel]] = []
    for frame in sorted(wanted):
        if found and found[-1][1] == frame - 1 and found[-1][2] == wanted[frame]:
            found[-1] = (found[-1][0], frame, wanted[frame])
        else:
            found.append((frame, frame, wanted[frame]))
    return found


def _frame_region(interface: FrameInterface, speaker: str, said: FrameLabel) -> dict[str, Any]:
    choice = choice_region(interface, said.label)
    return {**choice, "id": coach_region_id(speaker), "meta": _meta(speaker, said)}


def _span_region(
    interface: TimelineInterface, speaker: str, number: int, first: int, last: int, said: FrameLabel
) -> dict[str, Any]:
    span = span_region(
        interface, Span(first, last, said.label), f"{coach_region_id(speaker)}-{number}"
    )
    return {**span, "meta": _meta(speaker, said)}


def _meta(speaker: str, said: FrameLabel) -> dict[str, list[str]]:
    return {"text": [f"corrected by {said.by} at {said.at} (coach's session {speaker})"]}
