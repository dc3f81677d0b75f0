"""From annotations to labels a model may learn from: one per task, everything else counted."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pushoff.studio.export_file import tasks_in
from pushoff.studio.frame_data import TaskFrame, read_frame
from pushoff.studio.label_config import LabelInterface
from pushoff.studio.words import Word, last_words
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
    Left out and counted: what `last_words` leaves out, `disagreement` and `no image`.
    Raises ExportWrong.
    """
    frames: list[LabelledFrame] = []
    excluded: Counter[str] = Counter()
    for task in tasks_in(path):
        words, left_out = last_words(task, interface)
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
    return LabelsRead(tuple(frames), +excluded)


def vote(words: Sequence[Word]) -> Label | None:
    """What most annotators say; None for a tie."""
    ranked = Counter(word.label for word in words).most_common(2)
    return None if len(ranked) == 2 and ranked[0][1] == ranked[1][1] else ranked[0][0]


def _frame(task_id: int, frame: TaskFrame, label: Label, words: Sequence[Word]) -> LabelledFrame:
    winners = [word for word in words if word.label is label]
    last = max(winners, key=lambda word: (word.at, word.number))
    return LabelledFrame(
        task_id=task_id,
        image=frame.image,
        label=label,
        group=frame.group,
        session_id=frame.session,
        footage=frame.footage,
        box=frame.box,
        time_s=frame.time_s,
        annotator_id=last.annotator if last.annotator >= 0 else None,
        annotated_at=last.at,
        from_suggestion=all(word.from_suggestion for word in winners),
    )
