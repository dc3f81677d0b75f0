"""The place of each unlabelled task in the queue, and the reason the annotator reads."""

import hashlib
from collections.abc import Collection, Iterable, Sequence

from pushoff.active.pool import Pool
from pushoff.active.queue import QueueOrder
from pushoff.storage.publications import QueueEntry
from pushoff.util.canonical_json import canonical_json
from pushoff.workflows.steps.suggestion_line import BLIND_REASON, suggestion_line
from pushoff.workflows.steps.suggestions import FrameSuggestion

SKIPPED_REASON = "An annotator skipped this frame, so it was moved to the end."
NOBODY_REASON = "Nothing can be learnt from it, so it was moved to the end."


def blind_tasks(project_id: int, task_ids: Iterable[int], share: float) -> frozenset[int]:
    """The tasks shown without a suggestion: about `share` of them, the same ones every time."""
    return frozenset(task_id for task_id in task_ids if is_blind(project_id, task_id, share))


def is_blind(project_id: int, task_id: int, share: float) -> bool:
    """Whether a task's suggestion is hidden: its hash, uniform from 0 to 1, is below `share`."""
    digest = hashlib.sha256(canonical_json(["blind", project_id, task_id])).digest()
    return int.from_bytes(digest[:4]) < share * 2**32


def queue_entries(
    pool: Pool,
    order: QueueOrder,
    task_ids: Sequence[int],
    skipped: Collection[int],
    blind: Collection[int],
    suggestions: Sequence[FrameSuggestion],
) -> dict[int, QueueEntry]:
    """One entry per task, by task: the strategy's order, moved to its end what teaches nothing.

    These are pictures in which no athlete was found, then the skipped tasks.

    `task_ids` names the task of each row of `pool`, N in all; the entries' scores are the places in
    the queue as fractions, (place + 0.5) / N. A blind task shows neither probability nor reason:
    they could influence the annotator. `suggestions` (N) are in the order of the pool's rows.
    """
    is_skipped = [task_id in skipped for task_id in task_ids]
    is_nobody = [suggested.nobody for suggested in suggestions]
    rows = sorted(order.rows.tolist(), key=lambda row: (is_skipped[row], is_nobody[row]))  # stable
    entries: dict[int, QueueEntry] = {}
    for place, row in enumerate(rows):
        task_id = task_ids[row]
        reason = NOBODY_REASON if is_nobody[row] else order.reasons[row]
        if is_skipped[row]:
            reason = SKIPPED_REASON
        line = _line(suggestions[row], reason)
        entries[task_id] = QueueEntry(
            task_id=task_id,
            suggestion=suggestions[row].suggestion,
            score=round((place + 0.5) / len(task_ids), 9),
            reason=BLIND_REASON if task_id in blind else line,
            at_random=bool(order.sampled[row]) and not (is_skipped[row] or is_nobody[row]),
            blind=task_id in blind,
        )
    return entries


def _line(suggested: FrameSuggestion, reason: str) -> str:
    """The line under a frame."""
    if suggested.suggestion is None:
        return suggestion_line(None, None, f"{suggested.why_none} {reason}".strip())
    label, probability = suggested.suggestion.label, suggested.suggestion.confidence
    return suggestion_line(label, probability, reason, by_rules=suggested.by_rules)
