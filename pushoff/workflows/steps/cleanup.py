"""What nobody needs any more: suggestions of earlier publications, features of other backbones."""

import logging
from collections.abc import Callable
from functools import partial

from pushoff.errors import PushoffError
from pushoff.services import Services
from pushoff.storage.feature_store import prune_features
from pushoff.storage.publications import is_publication, list_publications, shrink_publication
from pushoff.studio.predictions import delete_version, version_counts
from pushoff.workflows.steps.extract_features import backbone_in_use, serving

KEEP_REFITS = 10
"""Refits that were kept back, newest first, that stay to be looked at or promoted by hand."""
log = logging.getLogger(__name__)


def cleanup(services: Services, projects: list[int]) -> int:
    """Everything below for these projects; what goes wrong is said and tried again next night."""
    tidied = 0
    steps: list[tuple[str, Callable[[], int]]] = [
        ("features", lambda: sweep_backbones(services, projects))
    ]
    for one in projects:
        steps.append((f"project {one}", partial(prune_publications, services, one)))
        steps.append((f"project {one}", partial(prune_refits, services, one)))
    for what, step in steps:
        try:
            tidied += step()
        except PushoffError as why:
            log.warning("%s: not tidied up: %s", what, why)
    return tidied


def prune_publications(services: Services, project_id: int) -> int:
    """Delete all suggestions but those that are served; returns how many publications went.

    At night only: on SQLite Label Studio lets nobody submit while it deletes thousands (8 s for
    2,500). Of their records what was asked blindly stays, to compare people with and without
    suggestions. Safe to run again. Raises StudioUnreachable, StudioRefused, StorageFailed.
    """
    with services.queue.publish_lock(project_id):
        served = services.studio.get(f"/api/projects/{project_id}")["model_version"]
        old = [
            name
            for name in version_counts(services.studio, project_id)
            if is_publication(name) and name != served
        ]
        for name in old:
            delete_version(services.studio, project_id, name)
        for name in list_publications(services.storage, project_id):
            if name != served:
                shrink_publication(services.storage, project_id, name)
    return len(old)


def prune_refits(services: Services, project_id: int) -> int:
    """Delete old refits that never served: 45 MB each. Raises RegistryUnavailable."""
    return len(services.registry.prune_refits(project_id, KEEP_REFITS))


def sweep_backbones(services: Services, projects: list[int]) -> int:
    """Forget features no project's champion looks with; not while something is being trained.

    Raises StorageFailed, RegistryUnavailable, ModelRefused.
    """
    if services.queue.training():
        return 0
    keep = [backbone_in_use(services, None).key] if projects else []  # labels are assessed with it
    for project_id in projects:
        served = serving(services, project_id)
        keep.append(backbone_in_use(services, served[1] if served else None).key)
    return prune_features(services.storage, keep) if projects else 0
