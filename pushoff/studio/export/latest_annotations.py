"""What each person last said of each task of an export, and what they had been shown."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pushoff.studio.config.frames import FrameInterface
from pushoff.studio.export.annotations import (
    annotator_of,
    coach_session_of,
    exclusion_reason,
    regions_of,
    timestamp_of,
)
from pushoff.studio.export.reader import tasks_in
from pushoff.studio.task_data import TaskFrame, read_frame
from pushoff.values import Label


@dataclass(frozen=True)
class LatestAnnotation:
    """One annotator's last word on one task."""

    annotator: int
    """The number of the user in Label Studio; -1 where the export does not say, and for coaches."""
    label: Label
    at: str
    """ISO 8601, as Label Studio wrote it."""
    number: int
    """The annotation's id."""
    lead_time_s: float | None
    """Seconds until it was submitted, later changes included."""
    suggested: Label | None
    """What the suggestion in sight said; None: none was shown, or nobody sat at the editor."""
    version: str
    """`model_version` of the prediction the task then had; empty: none."""
    from_suggestion: bool
    """The label is the suggestion in sight, accepted as it was."""


@dataclass(frozen=True)
class TaskAnnotations:
    """One task and everybody's last word on it."""

    task_id: int
    frame: TaskFrame
    words: tuple[LatestAnnotation, ...]
    """Never empty; by annotator."""


def read_annotations(path: Path, interface: FrameInterface) -> Iterator[TaskAnnotations]:
    """The tasks of a JSON export on which somebody has a last word. Raises ExportWrong.

    A skip is a last word, too: who skipped last says nothing.
    """
    for task in tasks_in(path):
        words, _ = latest_annotations(task, interface)
        if words:
            yield TaskAnnotations(task["id"], read_frame(task["data"], interface.image_key), words)


def latest_annotations(
    task: Mapping[str, Any], interface: FrameInterface
) -> tuple[tuple[LatestAnnotation, ...], Counter[str]]:
    """Each annotator's last word on one exported task, and the annotations that are none.

    Counted by reason: `skipped`, `empty` (no choice), `unknown` (a choice we do not know),
    `two labels`, `bulk accepted` (suggestions turned into annotations in the Data Manager, which
    nobody has looked at), `replaced` (an earlier word of the same annotator).
    """
    words: dict[str, LatestAnnotation] = {}
    excluded: Counter[str] = Counter()
    for annotation in sorted(task["annotations"], key=timestamp_of):
        label = label_of(annotation, interface)
        coach = coach_session_of(
            annotation
        )  # speaks through the token's owner, and for nobody else
        annotator = -1 if coach else annotator_of(annotation)
        who = coach or f"{annotator:09d}"
        if isinstance(label, str):
            excluded[label] += 1
            if label != "bulk accepted" and words.pop(who, None):
                excluded["replaced"] += 1  # a skip is a last word, too
            continue
        excluded["replaced"] += who in words
        words[who] = _word(annotation, annotator, label, interface)
    return tuple(words[one] for one in sorted(words)), +excluded


def label_of(annotation: Mapping[str, Any], interface: FrameInterface) -> Label | str:
    """The annotation's label, or why it has none."""
    return exclusion_reason(annotation) or _chosen(annotation, interface)


def _chosen(answer: Mapping[str, Any], interface: FrameInterface) -> Label | str:
    """The label of an annotation's or prediction's choice, or why there is none."""
    said: list[str] = []
    for region in regions_of(answer, interface.from_name):
        said += region["value"].get("choices") or []
    if not said:
        return "empty"
    labels = {interface.spellings.get(one) if isinstance(one, str) else None for one in said}
    if len(labels) > 1:
        return "two labels"
    label = labels.pop()
    return "unknown" if label is None else label


def _word(
    annotation: Mapping[str, Any], annotator: int, label: Label, interface: FrameInterface
) -> LatestAnnotation:
    shown = annotation.get("prediction")  # Label Studio keeps the one the project served then
    shown = shown if isinstance(shown, dict) else {}
    suggested = _chosen(shown, interface)
    lead_time = annotation.get("lead_time")
    if lead_time is None or not isinstance(suggested, Label):
        suggested = None  # a coach's correction comes without lead time: nobody saw a suggestion
    # Label Studio forgets parent_prediction with the prediction, so what was in sight decides
    started = annotation.get("parent_prediction") is not None
    at, number = timestamp_of(annotation)
    return LatestAnnotation(
        annotator=annotator,
        label=label,
        at=at,
        number=number,
        lead_time_s=float(lead_time) if isinstance(lead_time, (int, float)) else None,
        suggested=suggested,
        version=str(shown.get("model_version") or ""),
        from_suggestion=suggested is label or (started and not shown.get("result")),
    )
