"""Suggestions, places and reasons of all unlabelled tasks, pushed to Label Studio."""

from pushoff.errors import NoSuchModel
from pushoff.services import Services
from pushoff.studio.config.timeline import TimelineInterface
from pushoff.workflows.results import PublishResult
from pushoff.workflows.steps.champion import load_champion
from pushoff.workflows.steps.data.pull_labels import current_labels
from pushoff.workflows.steps.publish_queue import publish_queue
from pushoff.workflows.steps.publish_timeline import publish_timeline

ATTEMPTS = 3
"""How often one job starts over because the champion changed while it worked."""


def publish(services: Services, project_id: int, reason: str) -> PublishResult:
    """Extract features of new frames, score and order the unlabelled tasks, push, activate.

    Before there is a champion the suggestions are those of the pose rules, as far as there are any.
    Safe to run twice. Raises StudioUnreachable, StudioRefused, RegistryUnavailable, ModelRefused,
    and NoSuchModel when the champion changed in every attempt.
    """
    with services.queue.locks.publish(project_id):
        for _ in range(ATTEMPTS):
            interface = services.interface(project_id)
            if isinstance(interface, TimelineInterface):
                return publish_timeline(services, project_id, reason)
            champion = load_champion(services)
            labels = current_labels(services, project_id, interface)
            result = publish_queue(services, project_id, reason, interface, champion, labels)
            current = services.registry.champion()
            if (current.version if current else None) == champion.version:
                return result
        raise NoSuchModel(f"The champion changed in each of {ATTEMPTS} attempts.")
