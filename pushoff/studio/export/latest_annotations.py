"""Each annotator's latest annotation of a task, and the suggestion shown while it was made."""

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
    """One annotator's latest annotation of one task."""

    annotator: int
    """Label Studio's user id; -1 where the export does not say, and for coaches."""
    label: Label
    changed_at: str
    """ISO 8601, as Label Studio wrote it."""
    annotation_id: int
    lead_time_s: float | None
    """Seconds until it was submitted, later changes included."""
    suggested: Label | None
    """The suggestion that was shown; None: none was, or it was not made in the editor."""
    version: str
    """`model_version` of the task's prediction at the time; empty: none."""
    from_suggestion: bool
    """The label is the suggestion that was shown, submitted unchanged."""
    foot: str | None = None
    """`left` or `right`: the foot that pushes off; None: not answered, or not push_off."""


@dataclass(frozen=True)
class TaskAnnotations:
    """One task and every annotator's latest annotation of it."""

    task_id: int
    frame: TaskFrame
    annotations: tuple[LatestAnnotation, ...]
    """Never empty; by annotator."""


def read_annotations(path: Path, interface: FrameInterface) -> Iterator[TaskAnnotations]:
    """The labelled tasks of a JSON export. Raises ExportWrong.

    A skip replaces an earlier annotation: who skipped a task last has no label for it.
    """
    for task in tasks_in(path):
        annotations, _ = latest_annotations(task, interface)
        if annotations:
            frame = read_frame(task["data"], interface.image_key)
            yield TaskAnnotations(task["id"], frame, annotations)


def latest_annotations(
    task: Mapping[str, Any], interface: FrameInterface
) -> tuple[tuple[LatestAnnotation, ...], Counter[str]]:
    """Each annotator's latest annotation of one exported task, and the number excluded, by reason.

    Reasons: `skipped`, `empty` (no choice), `unknown` (a choice that is not in the label config),
    `two labels`, `bulk accepted` (a suggestion turned into an annotation in the Data Manager),
    `replaced` (an earlier annotation of the same annotator).
    """
    latest: dict[str, LatestAnnotation] = {}
    excluded: Counter[str] = Counter()
    for annotation in sorted(task["annotations"], key=timestamp_of):
        label = label_of(annotation, interface)
        # corrections of all coaches are submitted by the user whose token this service has
        coach_session = coach_session_of(annotation)
        annotator = -1 if coach_session else annotator_of(annotation)
        author = coach_session or f"{annotator:09d}"
        if isinstance(label, str):
            excluded[label] += 1
            if label != "bulk accepted" and author in latest:
                del latest[author]
                excluded["replaced"] += 1
            continue
        excluded["replaced"] += author in latest
        latest[author] = _latest(annotation, annotator, label, interface)
    return tuple(latest[author] for author in sorted(latest)), +excluded


def label_of(annotation: Mapping[str, Any], interface: FrameInterface) -> Label | str:
    """The annotation's label, or the reason why it has none."""
    return exclusion_reason(annotation) or _choice(annotation, interface)


def _choice(annotation: Mapping[str, Any], interface: FrameInterface) -> Label | str:
    """The label an annotation or a prediction chooses, or the reason why it has none."""
    labels: set[Label | None] = set()
    for region in regions_of(annotation, interface.from_name):
        for choice in _list_of(region["value"].get("choices")):
            labels.add(interface.spellings.get(choice) if isinstance(choice, str) else None)
    if not labels:
        return "empty"
    if len(labels) > 1:
        return "two labels"
    label = labels.pop()
    return "unknown" if label is None else label


def _latest(
    annotation: Mapping[str, Any], annotator: int, label: Label, interface: FrameInterface
) -> LatestAnnotation:
    prediction = annotation.get("prediction")  # the one the project served at the time
    prediction = prediction if isinstance(prediction, dict) else {}
    lead_time = annotation.get("lead_time")
    choice = _choice(prediction, interface)
    # without a lead time it was not made in the editor, and nobody saw a suggestion
    suggested = choice if isinstance(choice, Label) and lead_time is not None else None
    # `parent_prediction` is cleared when the prediction is deleted, so the shown one decides
    has_parent = annotation.get("parent_prediction") is not None
    changed_at, number = timestamp_of(annotation)
    return LatestAnnotation(
        annotator=annotator,
        label=label,
        changed_at=changed_at,
        annotation_id=number,
        lead_time_s=float(lead_time) if isinstance(lead_time, int | float) else None,
        suggested=suggested,
        version=str(prediction.get("model_version") or ""),
        from_suggestion=suggested is label or (has_parent and not prediction.get("result")),
        foot=_foot(annotation, interface) if label is Label.PUSH_OFF else None,
    )


def _foot(annotation: Mapping[str, Any], interface: FrameInterface) -> str | None:
    """The only foot that is chosen."""
    if interface.foot_name is None:
        return None
    feet = {
        interface.feet.get(choice)
        for region in regions_of(annotation, interface.foot_name)
        for choice in _list_of(region["value"].get("choices"))
        if isinstance(choice, str)
    }
    return feet.pop() if len(feet) == 1 else None


def _list_of(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
