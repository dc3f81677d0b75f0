"""From annotations to labels a model may learn from: one per task, everything else counted."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from pushoff.studio.export_file import tasks_in
from pushoff.studio.label_config import LabelInterface
from pushoff.values import Box, Label, LabelledFrame

UPLOAD_PREFIX = re.compile(r"^[0-9a-f]{8}-")
"""What Label Studio puts before the name of an uploaded file."""


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
            if isinstance(label, str):
                excluded[label] += 1
                continue
            annotator = _annotator(annotation)
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
        frames.append(_frame(task, image, winner, max(chosen, key=_when)))
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


def group_of(data: Mapping[str, Any], image: str) -> str:
    """What a frame may not be divided from: its athlete, else session, else upload name.

    Uploads by hand are grouped by file name without Label Studio's prefix and the frame number:
    `3fa85f64-jump2_0017.jpg` belongs to `jump2`.
    """
    for name in ("athlete", "session", "group"):
        if isinstance(data.get(name), (str, int)) and str(data[name]).strip():
            return str(data[name]).strip()
    if image.startswith("data:"):
        return "pasted"
    parts = urlsplit(image)
    path = parse_qs(parts.query).get("d", [parts.path])[0]
    stem = UPLOAD_PREFIX.sub("", PurePosixPath(unquote(path)).stem)
    return re.sub(r"(?:[ _.-]*(?:frame|img)?[ _.-]*\(?\d+\)?)+$", "", stem, flags=re.I) or stem


def _frame(
    task: Mapping[str, Any], image: str, label: Label, annotation: Mapping[str, Any]
) -> LabelledFrame:
    data = task["data"]
    group = group_of(data, image)
    footage = data.get("footage")
    time_s = data.get("time_s")
    annotator = _annotator(annotation)
    return LabelledFrame(
        task_id=task["id"],
        image=image,
        label=label,
        group=group,
        session_id=str(data.get("session") or group),
        footage=footage if footage in ("real", "synthetic") else "real",
        box=box_of(data),
        time_s=float(time_s) if isinstance(time_s, (int, float)) else None,
        annotator_id=annotator if annotator >= 0 else None,
        annotated_at=str(annotation.get("updated_at") or annotation.get("created_at") or ""),
        from_suggestion=annotation.get("parent_prediction") is not None,
    )


def box_of(data: Mapping[str, Any]) -> Box | None:
    """The athlete's box in task data, [x, y, width, height] in pixels; None where it is not one."""
    box = data.get("box")
    if not (isinstance(box, list) and len(box) == 4):
        return None
    if not all(isinstance(side, int) and not isinstance(side, bool) for side in box):
        return None
    return Box(*box) if min(box[:2]) >= 0 and min(box[2:]) > 0 else None


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
