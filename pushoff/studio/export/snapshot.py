"""Labels out of Label Studio: a verified snapshot, kept under its own SHA-256."""

import hashlib
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pushoff.errors import ExportWrong, StudioUnreachable
from pushoff.storage.datasets import export_key
from pushoff.storage.object_store import Storage
from pushoff.studio.client import LabelStudioClient
from pushoff.studio.config.frames import Interface
from pushoff.studio.export.frame_labels import ExportedLabels, read_labels
from pushoff.studio.export.reader import tasks_in

__all__ = ["ExportSnapshot", "ExportedLabels", "pull_export", "read_labels", "tasks_in"]

DEADLINE_S = 1800.0
"""Longest wait for Label Studio to finish a snapshot."""
POLL_S = 1.0


@dataclass(frozen=True)
class ExportSnapshot:
    """A JSON export in our storage."""

    key: str
    sha256: str
    tasks: int
    annotations: int
    """Skips included."""


def pull_export(
    studio: LabelStudioClient, project_id: int, storage: Storage, deadline_s: float = DEADLINE_S
) -> ExportSnapshot:
    """Take a snapshot, stream it to a file, verify its counts, keep it under its SHA-256.

    The counts must lie between the project's before and after, so that annotators may go on
    working meanwhile. Nothing half is ever visible; the snapshot in Label Studio is deleted again.
    Raises ExportWrong (cut off, or counts that do not fit), StudioUnreachable (failed or stuck),
    StudioRefused, StorageFailed.
    """
    before = _counts(studio, project_id)
    with _snapshot(studio, project_id, deadline_s) as number, tempfile.TemporaryDirectory() as at:
        path = Path(at) / "export.json"
        digest = hashlib.sha256()
        with (
            studio.stream(
                f"/api/projects/{project_id}/exports/{number}/download", exportType="JSON"
            ) as response,
            path.open("wb") as out,
        ):
            for chunk in response.iter_bytes():
                digest.update(chunk)
                out.write(chunk)
        tasks = annotations = 0
        for task in tasks_in(path):
            tasks += 1
            annotations += len(task["annotations"])
        after = _counts(studio, project_id)
        _verify(project_id, (tasks, annotations), before, after)
        key = export_key(digest.hexdigest())
        if not storage.exists(key):
            storage.write_file(key, path)
    return ExportSnapshot(key, digest.hexdigest(), tasks, annotations)


@dataclass(frozen=True)
class CurrentLabels:
    """Labels as they stand, without a snapshot that is kept."""

    read: ExportedLabels
    labelled: frozenset[int]
    """Tasks with an annotation that is no skip."""
    skipped: frozenset[int]
    """Tasks that were skipped, and that nobody labelled."""


def read_quickly(
    studio: LabelStudioClient, project_id: int, interface: Interface, storage: Storage
) -> CurrentLabels:
    """Labels as they stand; nothing is kept.

    Only tasks with an annotation are asked for: 0.1 s where a snapshot of 2,500 tasks takes 2 s.
    The counts must lie between the project's before and after. Raises ExportWrong,
    StudioUnreachable, StudioRefused.
    """
    before = _counts(studio, project_id)
    with tempfile.TemporaryDirectory() as at:
        path = Path(at) / "export.json"
        where = f"/api/projects/{project_id}/export"
        with studio.stream(where, exportType="JSON") as response, path.open("wb") as out:
            for chunk in response.iter_bytes():
                out.write(chunk)
        annotations, labelled, skipped = 0, set(), set()
        for task in tasks_in(path):
            annotations += len(task["annotations"])
            said = any(not one.get("was_cancelled") for one in task["annotations"])
            (labelled if said else skipped).add(task["id"])
        after = _counts(studio, project_id)
        _verify(project_id, (before[0], annotations), before, after)
        read = read_labels(path, interface, storage)
        return CurrentLabels(read, frozenset(labelled), frozenset(skipped))


@contextmanager
def _snapshot(studio: LabelStudioClient, project_id: int, deadline_s: float) -> Iterator[int]:
    """A finished snapshot's number; deleted afterwards."""
    path = f"/api/projects/{project_id}/exports"
    title = f"pushoff {datetime.now(UTC):%Y-%m-%d %H:%M:%S}"
    made = studio.post(f"{path}/", {"title": title})
    try:
        deadline = time.monotonic() + deadline_s
        while made["status"] not in ("completed", "failed"):
            if time.monotonic() > deadline:
                raise StudioUnreachable(
                    f"Label Studio has not finished the export of project {project_id} in "
                    f"{deadline_s:.0f} s (it says {made['status']!r}). Are its workers running?"
                )
            time.sleep(POLL_S)
            made = studio.get(f"{path}/{made['id']}")
        if made["status"] == "failed":
            raise StudioUnreachable(f"Label Studio's export of project {project_id} failed")
        yield int(made["id"])
    finally:
        studio.delete(f"{path}/{made['id']}")


def _counts(studio: LabelStudioClient, project_id: int) -> tuple[int, int]:
    """Tasks and annotations (skips included) as the project counts them."""
    project = studio.get(f"/api/projects/{project_id}")
    annotations = project["total_annotations_number"] + project["skipped_annotations_number"]
    return project["task_number"], annotations


def _verify(
    project_id: int, found: tuple[int, int], before: tuple[int, int], after: tuple[int, int]
) -> None:
    for what, have, old, new in zip(("tasks", "annotations"), found, before, after, strict=True):
        if not min(old, new) <= have <= max(old, new):
            raise ExportWrong(
                f"The export of project {project_id} has {have} {what}, but the project had {old} "
                f"before and {new} after. Nothing was kept: pull it again."
            )
