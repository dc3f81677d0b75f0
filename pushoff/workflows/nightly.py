"""The nightly job: projects are retrained once; old sessions and given-up uploads go."""

import logging
from typing import Any

from pushoff.coach.correction_labels import untaught
from pushoff.coach.deletion import hidden_sessions, hide_older
from pushoff.coach.uploads import sweep_uploads
from pushoff.services import Services, open_services
from pushoff.workflows.cleanup import tidy

log = logging.getLogger(__name__)


def nightly() -> dict[str, Any]:
    """Ask for one retrain of every connected project, fresh suggestions and a look at its labels.

    The clock asks for this job once per local date. Run twice it still makes one retrain per
    project, for requests collapse. A project whose labels have not changed keeps its model.
    What needs no Label Studio comes first. Raises StudioUnreachable, StudioRefused,
    QueueUnavailable, StorageFailed.
    """
    with open_services() as services:
        return nightly_with(services)


def nightly_with(services: Services) -> dict[str, Any]:
    """`nightly` through doors that are open already."""
    swept = sweep_uploads(
        services.database, services.storage, services.arriving, services.settings.upload_days
    )
    forgotten = ask_forgetting(services)
    ours = {"forgetting": forgotten, "uploads_given_up": swept}
    if not services.settings.label_studio_token.get_secret_value():
        return {"projects": [], **ours}
    ask_teaching(services)
    projects = services.projects()
    tidied = tidy(services, projects)
    for project_id in projects:
        services.queue.request_retrain(project_id, reason="nightly", delay_s=0)
        services.queue.ask_publish(project_id, reason="nightly")
        services.queue.ask_assessment(project_id, reason="nightly")
    log.info("nightly: projects %s, %d sessions to delete", projects, forgotten)
    return {"projects": projects, "tidied": tidied, **ours}


def ask_forgetting(services: Services) -> int:
    """Have sessions past their retention deleted, and those whose deletion failed before."""
    days = services.settings.retention_days
    if days:
        hide_older(services.database, days)
    hidden = hidden_sessions(services.database)
    for one in hidden:
        services.queue.enqueue(
            "forget", job_id=f"forget-{one.session_id}", session_id=one.session_id
        )
    return len(hidden)


def ask_teaching(services: Services) -> None:
    """Corrections that Label Studio has not heard of, because it was away."""
    for session_id in untaught(services.database):
        services.queue.enqueue("teach", job_id=f"teach-{session_id}", session_id=session_id)
