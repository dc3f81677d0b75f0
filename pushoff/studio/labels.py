"""From annotations to labels a model may learn from: one per task, everything else counted."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pushoff.studio.export_file import tasks_in
from pushoff.studio.frame_data import read_frame
from pushoff.studio.label_config import LabelInterface
from pushoff.values import Label, LabelledFrame


@dataclass(frozen=True)
class LabelsRead:
    """What an export teaches, and what it does not."""

    frames: tuple[LabelledFrame, ...]
    excluded: Counter[str]
    """Annotations (tasks for `disagreement` and `no image`) left out, by reason."""


def read_labels(path: Path, interface: LabelInterface) -> LabelsRead:
    """One label per task of a JSON export.

    An annotator's last word counts; several annotators vote, and a tie is a disagreement.
    Left out and counted: `skipped`, `empty` (no choice), `unknown` (a choice we do not know),
    `two labels`, `bulk accepted` (suggestions turned into annotations in the Data Manager, which
    nobody has looked at), `replaced` (an earlier word of the same annotator), `disagreement`,
    `no image`. Raises ExportWrong.
    """
    frames: list[LabelledFrame] = []
    excluded: Counter[str] = Counter()
    for task in tasks_in(path):
        words: dict[int, tuple[Label, Mapping[str, Any]]] = {}
        for annotation in sorted(task["annotations"], key=_when):
            label = label_of(annotation, interface)
            annotator = _annotator(annotation)
            if isinstance(label, str):
                excluded[label] += 1
                if label != "bulk accepted" and words.pop(annotator, None):
                    excluded["replaced"] += 1  # a skip is a last word, too
                continue
            excluded["replaced"] += annotator in words
            words[annotator] = (label, annotation)
        if not words:
            continue
        winner = _vote([label for label, _ in words.values()])
        image = task["data"].get(interface.image_key)
        if winner is None or not isinstance(image, str) or not image:
            excluded["disagreement" if winner is None else "no image"] += 1
            continue
        chosen = [annotation for label, annotation in words.values() if label is winner]
        frames.append(_frame(task, interface.image_key, winner, max(chosen, key=_when)))
    return LabelsRead(tuple(frames), +excluded)


def label_of(annotation: Mapping[str, Any], interface: LabelInterface) -> Label | str:
    """The annotation's label, or why it has none."""
    if annotation.get("was_cancelled"):
        return "skipped"
    if annotation.get("parent_prediction") is not None and annotation.get("lead_time") is None:
        # Accepted in the editor, a suggestion comes with the seconds it took; in bulk it does not.
        return "bulk accepted"
    said: list[str] = []
    for region in annotation.get("result") or []:
        if isinstance(region, dict) and region.get("from_name") == interface.from_name:
            value = region.get("value")
            said += (value.get("choices") or []) if isinstance(value, dict) else []
    if not said:
        return "empty"
    labels = {interface.spellings.get(one) if isinstance(one, str) else None for one in said}
    if len(labels) > 1:
        return "two labels"
    label = labels.pop()
    return "unknown" if label is None else label


def _frame(
    task: Mapping[str, Any], image_key: str, label: Label, annotation: Mapping[str, Any]
) -> LabelledFrame:
    frame = read_frame(task["data"], image_key)
    annotator = _annotator(annotation)
    return LabelledFrame(
        task_id=task["id"],
        image=frame.image,
        label=label,
        group=frame.group,
        session_id=frame.session,
        footage=frame.footage,
        box=frame.box,
        time_s=frame.time_s,
        annotator_id=annotator if annotator >= 0 else None,
        annotated_at=str(annotation.get("updated_at") or annotation.get("created_at") or ""),
        from_suggestion=annotation.get("parent_prediction") is not None,
    )


def _vote(labels: list[Label]) -> Label | None:
    ranked = Counter(labels).most_common(2)
    return None if len(ranked) == 2 and ranked[0][1] == ranked[1][1] else ranked[0][0]


def _annotator(annotation: Mapping[str, Any]) -> int:
    """The annotator's number; -1 where the export does not say."""
    who = annotation.get("completed_by")
    who = who.get("id") if isinstance(who, dict) else who
    return who if isinstance(who, int) else -1


def _when(annotation: Mapping[str, Any]) -> tuple[str, int]:
    number = annotation.get("id")
    when = annotation.get("updated_at") or annotation.get("created_at") or ""
    return str(when), number if isinstance(number, int) else 0
