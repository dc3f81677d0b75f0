"""What webhooks should have said: asked of Label Studio itself every half minute by the clock."""

import logging

from pushoff.errors import StudioRefused, StudioUnreachable
from pushoff.services import Services
from pushoff.studio.project import label_count

log = logging.getLogger(__name__)


def reconcile(services: Services) -> list[int]:
    """Compare Label Studio's labels with those last learnt from; ask for what is due.

    A webhook is sent once and never again, so nothing may depend on it. Returns the projects a
    retrain was asked for; one that cannot be asked does not stop the others. Raises
    StudioUnreachable, StudioRefused, QueueUnavailable.
    """
    behind = []
    for project_id in services.projects():
        try:
            if _behind(services, project_id):
                behind.append(project_id)
        except (StudioRefused, StudioUnreachable) as why:
            log.warning("project %d is not reconciled: %s", project_id, why)
    return behind


def _behind(services: Services, project_id: int) -> bool:
    settings, queue = services.settings, services.queue
    there = label_count(services.studio, project_id)
    if abs(there - queue.refit_labels.remembered_total(project_id)) >= settings.refit_every:
        queue.request.refit(project_id, reason="labels found by reconciling")
    seen = queue.retrain_labels.remembered_total(project_id)
    if there < settings.min_labels or abs(there - seen) < settings.retrain_every:
        return False
    if queue.retrain.running_job(project_id):
        return False
    queue.retrain.request(
        project_id, reason="labels found by reconciling", delay_s=settings.retrain_delay_s
    )
    queue.retrain_labels.remember_total(project_id, there)
    log.info("project %d: %d labels there, %d seen before: retrain", project_id, there, seen)
    return True
