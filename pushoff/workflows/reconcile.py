"""Requests trainings that are due although no webhook said so; the scheduler runs it regularly."""

import logging

from pushoff.errors import StudioRefused, StudioUnreachable
from pushoff.services import Services
from pushoff.studio.project import label_count

log = logging.getLogger(__name__)

REASON = "labels found by reconciliation"


def reconcile(services: Services) -> list[int]:
    """Compare each project's label count with that of its last training; request what is due.

    Label Studio sends a webhook once and never again, so nothing may depend on it. Returns the
    projects for which a retrain was requested. A project whose label count Label Studio does not
    give is logged and does not stop the others. Raises StudioUnreachable, StudioRefused when the
    projects cannot be listed, and QueueUnavailable.
    """
    requested = []
    for project_id in services.projects():
        try:
            if _request_trainings(services, project_id):
                requested.append(project_id)
        except (StudioRefused, StudioUnreachable) as error:
            log.warning("project %d is not reconciled: %s", project_id, error)
    return requested


def _request_trainings(services: Services, project_id: int) -> bool:
    """Request a refit and a retrain if they are due; returns whether a retrain was requested.

    A count may also fall: deleted labels are a reason to train again, too.
    """
    settings, queue = services.settings, services.queue
    count = label_count(services.studio, project_id)
    if abs(count - queue.refit_labels.remembered_total(project_id)) >= settings.refit_every:
        queue.request.refit(project_id, reason=REASON)
    trained = queue.retrain_labels.remembered_total(project_id)
    if count < settings.retrain_min_labels or abs(count - trained) < settings.retrain_every:
        return False
    if queue.retrain.running_job(project_id):
        return False
    queue.retrain.request(project_id, reason=REASON, delay_s=settings.retrain_delay_s)
    queue.retrain_labels.remember_total(project_id, count)
    log.info("project %d: %d labels now, %d at the last retrain", project_id, count, trained)
    return True
