"""The labels in Label Studio, also while annotators are at work."""

import time
from collections.abc import Callable
from typing import TypeVar

from pushoff.errors import ExportWrong, StudioUnreachable
from pushoff.services import Services
from pushoff.studio.config.label_config import Interface
from pushoff.studio.export.frame_labels import ExportedLabels, read_labels
from pushoff.studio.export.snapshot import (
    CurrentLabels,
    ExportSnapshot,
    pull_export,
    read_current_labels,
)

ATTEMPTS = 3
"""Exports that are tried: somebody who labels meanwhile can make an export's counts disagree."""

T = TypeVar("T")


def pull_labels(services: Services, project_id: int) -> tuple[ExportedLabels, ExportSnapshot]:
    """The labels, and the stored export they were read from. Raises StudioUnreachable."""
    snapshot = pull_snapshot(services, project_id)
    with services.storage.local_copy(snapshot.key) as path:
        return read_labels(path, services.interface(project_id), services.storage), snapshot


def pull_snapshot(services: Services, project_id: int) -> ExportSnapshot:
    """A stored export of the labels as they stand. Raises StudioUnreachable."""
    return _retried(lambda: pull_export(services.studio, project_id, services.storage), wait_s=1.0)


def current_labels(services: Services, project_id: int, interface: Interface) -> CurrentLabels:
    """The labels as they stand, read quickly and not stored. Raises StudioUnreachable."""
    return _retried(
        lambda: read_current_labels(services.studio, project_id, interface, services.storage),
        wait_s=0.3,
    )


def _retried(export: Callable[[], T], wait_s: float) -> T:
    """`export()`, repeated after 1, 2, ... times `wait_s` while its counts are wrong."""
    for attempt in range(1, ATTEMPTS):
        try:
            return export()
        except ExportWrong:
            time.sleep(attempt * wait_s)
    try:
        return export()
    except ExportWrong as error:
        raise StudioUnreachable(
            f"{ATTEMPTS} exports in a row failed verification: {error}"
        ) from None
