"""From annotations to labels a model may learn from: one per task, everything else counted."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pushoff.studio.config.frames import Interface
from pushoff.studio.config.timeline import TimelineInterface
from pushoff.studio.export.labels_read import ExportedLabels
from pushoff.studio.export.latest_annotations import LatestAnnotation, latest_annotations
from pushoff.studio.export.reader import tasks_in
from pushoff.studio.task_data import TaskFrame, read_frame
from pushoff.studio.timeline.subsample import read_video_frames
from pushoff.values import Label, LabelledFrame

if TYPE_CHECKING:
    from pushoff.storage.object_store import Storage

__all__ = ["ExportedLabels", "read_labels", "vote"]


def read_labels(
    path: Path, interface: Interface, storage: "Storage | None" = None
) -> ExportedLabels:
    """What a JSON export teaches: one label per task, or those of the frames of whole videos.

    `storage` is asked for the frames of videos; `pushoff.studio.timeline.labels` says what is left out
    of those. Of single frames an annotator's last word counts; several annotators vote, and a tie
    is a disagreement. Left out and counted: what `latest_annotations` leaves out, `disagreement` and
    `no image`. Raises ExportWrong.
    """
    if isinstance(interface, TimelineInterface):
        return read_video_frames(path, interface, storage)
    frames: list[LabelledFrame] = []
    excluded: Counter[str] = Counter()
    for task in tasks_in(path):
        words, left_out = latest_annotations(task, interface)
        excluded += left_out
        if not words:
            continue
        winner = vote(words)
        image = task["data"].get(interface.image_key)
        if winner is None or not isinstance(image, str) or not image:
            excluded["disagreement" if winner is None else "no image"] += 1
            continue
        frames.append(
            _frame(task["id"], read_frame(task["data"], interface.image_key), winner, words)
        )
    return ExportedLabels(tuple(frames), +excluded)


def vote(words: Sequence[LatestAnnotation]) -> Label | None:
    """What most annotators say; None for a tie."""
    ranked = Counter(word.label for word in words).most_common(2)
    return None if len(ranked) == 2 and ranked[0][1] == ranked[1][1] else ranked[0][0]


def _frame(
    task_id: int, frame: TaskFrame, label: Label, words: Sequence[LatestAnnotation]
) -> LabelledFrame:
    winners = [word for word in words if word.label is label]
    last = max(winners, key=lambda word: (word.at, word.number))
    return LabelledFrame(
        task_id=task_id,
        image=frame.image,
        label=label,
        group=frame.group,
        video_id=frame.session,
        footage=frame.footage,
        box=frame.box,
        time_s=frame.time_s,
        frame_index=frame.frame_index,
        annotator_id=last.annotator if last.annotator >= 0 else None,
        annotated_at=last.at,
        from_suggestion=all(word.from_suggestion for word in winners),
    )
