"""Deletes records of former publications, refits that never served, features of old backbones."""

import logging
from collections.abc import Callable, Sequence
from functools import partial

from pushoff.errors import PushoffError
from pushoff.services import Services
from pushoff.storage.feature_store import prune_features
from pushoff.storage.publications import list_publications, shrink_publication
from pushoff.workflows.steps.champion import backbone_in_use, load_champion

KEEP_REFITS = 10
"""Refits that never were champion and are kept, newest first, to look at or to promote by hand."""
log = logging.getLogger(__name__)


def cleanup(services: Services, projects: Sequence[int]) -> int:
    """Run every step below for these projects; returns how many things were deleted.

    A step that fails is logged and runs again the next night.
    """
    steps: list[tuple[str, Callable[[], int]]] = [
        ("features", partial(prune_backbones, services)),
        ("refits", partial(prune_refits, services)),
    ]
    for project_id in projects:
        name = f"publications of project {project_id}"
        steps.append((name, partial(prune_publications, services, project_id)))
    deleted = 0
    for name, step in steps:
        try:
            deleted += step()
        except PushoffError as error:
            log.warning("could not clean up %s: %s", name, error)
    return deleted


def prune_publications(services: Services, project_id: int) -> int:
    """Reduce the records of all publications but the active one; returns how many there were.

    Their blind and random tasks are kept: to compare annotators with and without suggestions, and
    for unbiased estimates. Predictions in Label Studio are deleted as time goes by, see
    `pushoff.workflows.scheduled.prune_predictions`. Safe to run again. Raises StudioUnreachable,
    StudioRefused, StorageFailed.
    """
    with services.queue.locks.publish(project_id):
        active = services.studio.get(f"/api/projects/{project_id}")["model_version"]
        names = list_publications(services.storage, project_id)
        return sum(
            shrink_publication(services.storage, project_id, name)
            for name in names
            if name != active
        )


def prune_refits(services: Services) -> int:
    """Delete old refits that never were champion, 45 MB each. Raises RegistryUnavailable."""
    return len(services.registry.prune_refits(KEEP_REFITS))


def prune_backbones(services: Services) -> int:
    """Delete features by backbones other than the champion's, unless a training is running.

    Features by the initial backbone are kept: labels are assessed with them.
    Raises StorageFailed, RegistryUnavailable, ModelRefused.
    """
    if services.queue.retrain.running_jobs():
        return 0
    models = (None, load_champion(services).model)
    backbones = [backbone_in_use(services, model) for model in models]
    return prune_features(services.storage, [backbone.fingerprint for backbone in backbones])
