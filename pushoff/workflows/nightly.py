"""The nightly job: requests retrains, publishes and assessments; deletes what is due."""

import logging

from pushoff.coach.correction_labels import unsynced
from pushoff.coach.deletion import pending_deletions, soft_delete_older_than
from pushoff.coach.review.checks import unlearnt
from pushoff.coach.session_queries import sessions_in_state
from pushoff.coach.sessions import State
from pushoff.coach.uploads import prune_uploads
from pushoff.services import Services
from pushoff.studio.task_cache import invalidate_cache
from pushoff.workflows.results import NightlyResult, RequestedJob
from pushoff.workflows.steps.cleanup import cleanup

log = logging.getLogger(__name__)


def nightly(services: Services) -> NightlyResult:
    """Request one retrain, publish and assessment for every connected project.

    The scheduler requests this job once per local date. Run twice it still gives one retrain per
    project, because requests are deduplicated. A project whose labels have not changed keeps its
    model. What does not need Label Studio comes first. Raises StudioUnreachable, StudioRefused,
    QueueUnavailable, StorageFailed.
    """
    # 1. sessions and uploads
    uploads_pruned = prune_uploads(
        services.database, services.storage, services.upload_staging, services.settings.upload_days
    )
    deletions = enqueue_deletions(services)
    enqueue_learning(services)
    if not services.label_studio_connected:
        return NightlyResult(projects=(), deletions=deletions, uploads_pruned=uploads_pruned)

    # 2. labels and models
    enqueue_syncs(services)
    projects = services.projects()
    cleaned_up = cleanup(services, projects)
    jobs = [job for project_id in projects for job in _request_jobs(services, project_id)]
    log.info("nightly: projects %s, %d sessions to delete", projects, deletions)
    return NightlyResult(
        projects=tuple(projects),
        deletions=deletions,
        uploads_pruned=uploads_pruned,
        cleaned_up=cleaned_up,
        jobs=tuple(jobs),
    )


def _request_jobs(services: Services, project_id: int) -> list[RequestedJob]:
    queue, reason = services.queue, "nightly"
    invalidate_cache(services.storage, project_id)  # somebody may have edited a task's data
    retrain = queue.retrain.request(project_id, reason, delay_s=0)
    publish = queue.request.publish(project_id, reason)
    assess_labels = queue.request.assess_labels(project_id, reason)
    return [
        RequestedJob("retrain", project_id, retrain.job_id, retrain.already_running),
        RequestedJob("publish", project_id, publish),
        RequestedJob("assess_labels", project_id, assess_labels),
    ]


def enqueue_deletions(services: Services) -> int:
    """Request the deletion of sessions past their retention, and of those whose deletion failed."""
    days = services.settings.retention_days
    if days:
        soft_delete_older_than(services.database, days)
    pending = pending_deletions(services.database)
    for session in pending:
        services.queue.request.delete_session(session.session_id)
    return len(pending)


def enqueue_learning(services: Services) -> None:
    """Request what checked sessions have not taught yet, and new analyses where they are due."""
    if unlearnt(services.database):
        services.queue.request.learn_from_sessions("nightly")
    if sessions_in_state(services.database, State.READY):
        services.queue.request.refresh_analyses()


def enqueue_syncs(services: Services) -> None:
    """Request a sync of sessions whose corrections did not reach Label Studio."""
    for session_id in unsynced(services.database):
        services.queue.request.sync_corrections(session_id)
