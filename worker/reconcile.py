"""What webhooks should have said: asked of Label Studio itself every half minute by the clock."""

import logging

from pushoff.services import Services
from pushoff.studio.project import label_count

log = logging.getLogger(__name__)


def reconcile(services: Services) -> list[int]:
    """Compare Label Studio's labels with those last trained on; ask for a retrain when due.

    A webhook is sent once and never again, so nothing may depend on it. Returns the projects a
    retrain was asked for. Raises StudioUnreachable, StudioRefused, QueueUnavailable.
    """
    return [one for one in services.projects() if _behind(services, one)]


def _behind(services: Services, project_id: int) -> bool:
    settings, queue = services.settings, services.queue
    there = label_count(services.studio, project_id)
    seen = queue.labels_seen(project_id)
    if there < settings.min_labels or abs(there - seen) < settings.retrain_every:
        return False
    if queue.running_job(project_id):
        return False
    queue.see_labels(project_id, there)
    queue.request_retrain(
        project_id, reason="labels found by reconciling", delay_s=settings.retrain_delay_s
    )
    log.info("project %d: %d labels there, %d seen before: retrain", project_id, there, seen)
    return True
