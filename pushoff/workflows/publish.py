"""Every open task gets the champion's suggestion and its place, and Label Studio serves them."""

import logging
from dataclasses import asdict
from typing import Any

from pushoff.errors import NoSuchModel
from pushoff.services import Services
from pushoff.studio.config.timeline import TimelineInterface
from pushoff.studio.task_cache import invalidate_cache
from pushoff.workflows.steps.extract_features import serving
from pushoff.workflows.steps.publish_queue import publish_queue
from pushoff.workflows.steps.publish_timeline import publish_timeline
from pushoff.workflows.steps.pull_labels import labels_now

log = logging.getLogger(__name__)

ROUNDS = 3
"""How often one job follows a champion that changes while it works."""


def publish(services: Services, project_id: int, reason: str) -> dict[str, Any]:
    """Describe what is new, score the open tasks, order them, push, verify, switch over.

    Before there is a champion the order alone is published, with its reasons and no suggestion.
    Safe to run twice. Raises StudioUnreachable, StudioRefused, RegistryUnavailable, ModelRefused.
    """
    with services.queue.publish_lock(project_id):
        if isinstance(services.interface(project_id), TimelineInterface):
            return asdict(publish_timeline(services, project_id, reason))
        for _ in range(ROUNDS):
            served = serving(services, project_id)
            interface = services.interface(project_id)
            said = labels_now(services, project_id, interface)
            invalidate_cache(services.storage, project_id)  # every task is looked at again
            outcome = publish_queue(services, project_id, interface, served, said)
            now = services.registry.champion(project_id)
            if (now.version if now else None) == (served[0] if served else None):
                log.info("project %d: %s", project_id, outcome)
                return {"project": project_id, "reason": reason, **outcome}
        raise NoSuchModel(f"the champion of project {project_id} changed {ROUNDS} times meanwhile")
