"""The rest of a long queue, behind the head that annotators have."""

import time

from pushoff.services import Services
from pushoff.storage.publications import mark_finished, unfinished_projects
from pushoff.studio.config.frames import FrameInterface
from pushoff.workflows.results import RestResult
from pushoff.workflows.steps.push_queue import push_rest

REST_AFTER_S = 300.0
"""While annotators label, a refit makes a new order every minute or two: the rest waits until there
was none for so long."""


def publish_rest(services: Services, project_id: int, reason: str) -> RestResult:
    """Push a part of what follows in the order that annotators see; request the next part.

    Other jobs get in between. Nothing is pushed of an order that was replaced meanwhile: that of
    the new one follows by itself. Safe to run twice. Raises StudioUnreachable, StudioRefused,
    StorageFailed.
    """
    with services.queue.locks.publish(project_id):
        interface = services.interface(project_id)
        name = services.studio.get(f"/api/projects/{project_id}")["model_version"] or ""
        if not isinstance(interface, FrameInterface):
            mark_finished(services.storage, project_id)
            return RestResult(project_id, reason, name, pushed=0, to_follow=0)
        report = push_rest(services, project_id, interface, name)
    if report.to_follow:
        services.queue.request.publish_rest(project_id, reason)
    return RestResult(project_id, reason, name, report.pushed, report.to_follow)


def request_rests(services: Services) -> list[int]:
    """Request the rest of every queue whose order was not replaced for a while; the scheduler calls
    this regularly. Returns the projects. Raises StorageFailed, QueueUnavailable.
    """
    projects = unfinished_projects(services.storage, time.time() - REST_AFTER_S)
    for project_id in projects:
        services.queue.request.publish_rest(project_id, "the head was published")
    return projects
