"""The nightly job: projects are retrained once; old sessions and given-up uploads go."""

import logging
from typing import Any

from pushoff.coach.correction_labels import unsynced
from pushoff.coach.deletion import pending_deletions, soft_delete_older_than
from pushoff.coach.uploads import prune_uploads
from pushoff.services import Services
from pushoff.workflows.steps.cleanup import cleanup

log = logging.getLogger(__name__)


def nightly(services: Services) -> dict[str, Any]:
    """Ask for one retrain of every connected project, fresh suggestions and a look at its labels.

    The clock asks for this job once per local date. Run twice it still makes one retrain per
    project, for requests collapse. A project whose labels have not changed keeps its model.
    What needs no Label Studio comes first. Raises StudioUnreachable, StudioRefused,
    QueueUnavailable, StorageFailed.
    """
    swept = prune_uploads(
        services.database, services.storage, services.upload_staging, services.settings.upload_days
    )
    forgotten = enqueue_deletions(services)
    ours = {"forgetting": forgotten, "uploads_given_up": swept}
    if not services.label_studio_connected:
        return {"projects": [], **ours}
    enqueue_syncs(services)
    projects = services.projects()
    tidied = cleanup(services, projects)
    for project_id in projects:
        services.queue.retrain.request(project_id, reason="nightly", delay_s=0)
        services.queue.request.publish(project_id, reason="nightly")
        services.queue.request.assess_labels(project_id, reason="nightly")
    log.info("nightly: projects %s, %d sessions to delete", projects, forgotten)
    return {"projects": projects, "tidied": tidied, **ours}


def enqueue_deletions(services: Services) -> int:
    """Have sessions past their retention deleted, and those whose deletion failed before."""
    days = services.settings.retention_days
    if days:
        soft_delete_older_than(services.database, days)
    hidden = pending_deletions(services.database)
    for one in hidden:
        services.queue.request.delete_session(one.session_id)
    return len(hidden)


def enqueue_syncs(services: Services) -> None:
    """Corrections that Label Studio has not heard of, because it was away."""
    for session_id in unsynced(services.database):
        services.queue.request.sync_corrections(session_id)
