"""Labels out of Label Studio: a verified export in storage, or the current labels in passing."""

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
from pushoff.studio.config.label_config import Interface
from pushoff.studio.export.frame_labels import ExportedLabels, read_labels
from pushoff.studio.export.reader import tasks_in

DEADLINE_S = 1800.0
"""Longest wait for Label Studio to finish an export."""
POLL_S = 1.0
LABELS_AT_ONCE = 20_000
"""Annotations that Label Studio puts together within one request, well before it or a proxy gives
up; of more it makes an export."""


@dataclass(frozen=True)
class ExportSnapshot:
    """A JSON export in storage."""

    key: str
    sha256: str
    tasks: int
    annotations: int
    """Skips included."""


@dataclass(frozen=True)
class CurrentLabels:
    """A project's labels at this moment."""

    exported: ExportedLabels
    labelled: frozenset[int]
    """Ids of tasks with an annotation other than a skip."""
    skipped: frozenset[int]
    """Ids of tasks that were skipped and that nobody labelled."""


def pull_export(
    studio: LabelStudioClient, project_id: int, storage: Storage, deadline_s: float = DEADLINE_S
) -> ExportSnapshot:
    """Export the project's tasks and annotations, verify the counts, store under the SHA-256.

    The counts must lie between the project's before and after, so that annotators may continue
    meanwhile. Only complete exports are stored; the export in Label Studio is deleted again.
    Raises ExportWrong (cut off, or counts that do not fit), StudioUnreachable (failed or stuck),
    StudioRefused, StorageFailed.
    """
    before = _counts(studio, project_id)
    with (
        _finished_export(studio, project_id, deadline_s) as export_id,
        tempfile.TemporaryDirectory() as folder,
    ):
        path = Path(folder) / "export.json"
        url = f"/api/projects/{project_id}/exports/{export_id}/download"
        sha256 = _download(studio, url, path)
        tasks = annotations = 0
        for task in tasks_in(path):
            tasks += 1
            annotations += len(task["annotations"])
        after = _counts(studio, project_id)
        _verify_counts(project_id, (tasks, annotations), before, after)
        key = export_key(sha256)
        if not storage.exists(key):
            storage.write_file(key, path)
    return ExportSnapshot(key, sha256, tasks, annotations)


def read_current_labels(
    studio: LabelStudioClient, project_id: int, interface: Interface, storage: Storage
) -> CurrentLabels:
    """The labels at this moment; nothing is stored.

    Only tasks with an annotation are downloaded: 0.1 s where an export of 2,500 tasks takes 2 s.
    Of more than LABELS_AT_ONCE annotations it is an export of all tasks, however long it takes.
    The counts must lie between the project's before and after. Raises ExportWrong,
    StudioUnreachable, StudioRefused.
    """
    before = _counts(studio, project_id)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export.json"
        _download_labels(studio, project_id, before[1], path)
        annotations = 0
        labelled: set[int] = set()
        skipped: set[int] = set()
        for task in tasks_in(path):
            if not task["annotations"]:
                continue
            annotations += len(task["annotations"])
            has_label = any(not each.get("was_cancelled") for each in task["annotations"])
            (labelled if has_label else skipped).add(task["id"])
        after = _counts(studio, project_id)
        _verify_counts(project_id, (before[0], annotations), before, after)
        exported = read_labels(path, interface, storage)
        return CurrentLabels(exported, frozenset(labelled), frozenset(skipped))


def _download_labels(
    studio: LabelStudioClient, project_id: int, annotations: int, path: Path
) -> None:
    """The tasks with annotations, of which there are so many, and perhaps others."""
    if annotations <= LABELS_AT_ONCE:
        _download(studio, f"/api/projects/{project_id}/export", path)
        return
    with _finished_export(studio, project_id, DEADLINE_S) as export_id:
        _download(studio, f"/api/projects/{project_id}/exports/{export_id}/download", path)


def _download(studio: LabelStudioClient, url: str, path: Path) -> str:
    """Stream a JSON export to a file; returns its SHA-256."""
    digest = hashlib.sha256()
    with studio.stream(url, exportType="JSON") as response, path.open("wb") as file:
        for chunk in response.iter_bytes():
            digest.update(chunk)
            file.write(chunk)
    return digest.hexdigest()


@contextmanager
def _finished_export(
    studio: LabelStudioClient, project_id: int, deadline_s: float
) -> Iterator[int]:
    """Id of a finished export, which is deleted afterwards."""
    title = f"pushoff {datetime.now(UTC):%Y-%m-%d %H:%M:%S}"
    created = studio.sdk_call(lambda sdk: sdk.projects.exports.create(project_id, title=title))
    if created.id is None:
        raise StudioUnreachable(f"Label Studio did not start an export of project {project_id}")
    export_id, status = created.id, created.status
    try:
        deadline = time.monotonic() + deadline_s
        while status not in ("completed", "failed"):
            if time.monotonic() > deadline:
                raise StudioUnreachable(
                    f"Label Studio has not finished the export of project {project_id} in "
                    f"{deadline_s:.0f} s (status {status!r}).",
                    remedy="Check that its workers are running.",
                )
            time.sleep(POLL_S)
            status = studio.sdk_call(
                lambda sdk: sdk.projects.exports.get(project_id, export_id)
            ).status
        if status == "failed":
            raise StudioUnreachable(f"Label Studio's export of project {project_id} failed")
        yield export_id
    finally:
        studio.sdk_delete(lambda sdk: sdk.projects.exports.delete(project_id, export_id))


def _counts(studio: LabelStudioClient, project_id: int) -> tuple[int, int]:
    """(tasks, annotations with skips) as the project counts them."""
    project = studio.sdk_call(lambda sdk: sdk.projects.get(project_id))
    annotations = project.total_annotations_number or 0
    return project.task_number or 0, annotations + (project.skipped_annotations_number or 0)


def _verify_counts(
    project_id: int, exported: tuple[int, int], before: tuple[int, int], after: tuple[int, int]
) -> None:
    names = ("tasks", "annotations")
    for name, count, old, new in zip(names, exported, before, after, strict=True):
        if not min(old, new) <= count <= max(old, new):
            raise ExportWrong(
                f"The export of project {project_id} has {count} {name}, but the project had {old} "
                f"before and {new} after. Nothing was stored.",
                code="incomplete",
                remedy="Pull it again.",
            )
