"""Requests a publish for every connected project: their suggestions are the champion's."""

from pushoff.services import Services


def request_publishes(
    services: Services, reason: str, *, besides: int | None = None
) -> tuple[int, ...]:
    """Request the publishes after the champion changed; returns the projects.

    `besides` is a project that the caller publishes itself. There are none without Label Studio.
    Raises StudioUnreachable, StudioRefused and QueueUnavailable; the nightly job then publishes the
    projects that were not requested.
    """
    if not services.label_studio_connected:
        return ()
    projects = tuple(project_id for project_id in services.projects() if project_id != besides)
    for project_id in projects:
        services.queue.request.publish(project_id, reason=reason)
    return projects
