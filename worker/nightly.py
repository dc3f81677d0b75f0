"""The nightly job: every connected project is retrained once, whatever webhooks said."""

import logging
from typing import Any

from pushoff.services import open_services

log = logging.getLogger(__name__)


def nightly() -> dict[str, Any]:
    """Ask for one retrain of every connected project, and refresh its suggestions.

    The clock asks for this job once per local date. Run twice it still makes one retrain per
    project, for requests collapse. A project whose labels have not changed keeps its model.
    Raises StudioUnreachable, StudioRefused, QueueUnavailable.
    """
    with open_services() as services:
        projects = services.projects()
        for project_id in projects:
            services.queue.request_retrain(project_id, reason="nightly", delay_s=0)
            services.queue.ask_publish(project_id, reason="nightly")
        log.info("nightly: projects %s", projects)
        return {"projects": projects}
