"""Labels out of Label Studio, however busy annotators are."""

import time

from pushoff.errors import ExportWrong, StudioUnreachable
from pushoff.services import Services
from pushoff.studio.config.frames import Interface
from pushoff.studio.export.snapshot import (
    CurrentLabels,
    ExportedLabels,
    ExportSnapshot,
    pull_export,
    read_labels,
    read_quickly,
)

PULLS = 3
"""Tries to export while annotators work."""


def pull_labels(services: Services, project_id: int) -> tuple[ExportedLabels, ExportSnapshot]:
    """What people said, and the export that says so, kept. Raises StudioUnreachable."""
    snapshot = snapshot_now(services, project_id)
    with services.storage.local_copy(snapshot.key) as path:
        return read_labels(path, services.interface(project_id), services.storage), snapshot


def snapshot_now(services: Services, project_id: int) -> ExportSnapshot:
    """An export of the labels as they stand, kept. Raises StudioUnreachable.

    Somebody who labels meanwhile can make the counts disagree; then it is pulled again.
    """
    for attempt in range(1, PULLS + 1):
        try:
            return pull_export(services.studio, project_id, services.storage)
        except ExportWrong as wrong:
            if attempt == PULLS:
                raise StudioUnreachable(f"{PULLS} exports in a row were no good: {wrong}") from None
            time.sleep(attempt)
    raise AssertionError("the last pull returns or raises")


def labels_now(services: Services, project_id: int, interface: Interface) -> CurrentLabels:
    """What people said so far, read quickly and not kept. Raises StudioUnreachable."""
    for attempt in range(1, PULLS + 1):
        try:
            return read_quickly(services.studio, project_id, interface, services.storage)
        except ExportWrong as wrong:  # somebody labelled meanwhile
            if attempt == PULLS:
                raise StudioUnreachable(f"{PULLS} exports in a row were no good: {wrong}") from None
            time.sleep(0.3 * attempt)
    raise AssertionError("the last try returns or raises")
