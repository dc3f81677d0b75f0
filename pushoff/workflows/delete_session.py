"""A coach's session is deleted everywhere."""

import logging

from pushoff.coach.deletion import pending_deletions, remove_session
from pushoff.coach.session_files import folder
from pushoff.coach.session_queries import sessions_of_video
from pushoff.errors import QueueUnavailable
from pushoff.queue import job_ids
from pushoff.services import Services
from pushoff.storage.deletion import delete_folder, delete_video
from pushoff.studio.coach_annotations import sync_coach_annotations
from pushoff.studio.task_cache import invalidate_caches
from pushoff.studio.tasks import delete_video_tasks
from pushoff.workflows.results import DeletionResult

log = logging.getLogger(__name__)

STOP_TIMEOUT_S = 30
"""Longest wait for a running job of the session to end, seconds."""


def delete_session(services: Services, session_id: str) -> DeletionResult:
    """Stop the session's jobs; delete its files, video, frames, features, tasks and labels.

    The session's row is deleted last: killed at any line, the next run finds the row and does the
    rest; run twice, it has nothing to do. A video that another session has too is kept, without the
    labels of this session's corrections. What is never deleted is listed at `delete_video`.
    Raises QueueUnavailable, StorageFailed, StudioUnreachable, StudioRefused.
    """
    invalidate_caches(services.storage)
    _stop_jobs(services, job_ids.analyze_session(session_id), job_ids.sync_corrections(session_id))
    pending = {session.session_id: session for session in pending_deletions(services.database)}
    if session_id not in pending:
        return DeletionResult(session_id, deleted=False)
    video_id = pending[session_id].video_id
    shared = video_id is not None and bool(sessions_of_video(services.database, video_id))
    services.upload_staging.delete(session_id)
    delete_folder(services.storage, folder(session_id))
    if video_id is not None:
        if not shared:
            _stop_jobs(services, job_ids.ingest_video(video_id))
            delete_video(services.storage, video_id)
        _delete_labels(services, video_id, session_id, shared)
    remove_session(services.database, session_id)
    note = "; its video is still used by another session" if shared else ""
    log.info("session %s deleted%s", session_id, note)
    return DeletionResult(session_id, deleted=True, video_kept=shared)


def _stop_jobs(services: Services, *ids: str) -> None:
    """End jobs that would write again what is deleted. Raises QueueUnavailable if one runs on."""
    for job_id in ids:
        services.queue.jobs.cancel(job_id)
        if not services.queue.jobs.wait(job_id, timeout_s=STOP_TIMEOUT_S).done:
            raise QueueUnavailable(
                f"job {job_id} did not stop within {STOP_TIMEOUT_S} s",
                remedy="The deletion will be tried again.",
            )


def _delete_labels(services: Services, video_id: str, session_id: str, shared: bool) -> None:
    """Delete the video's tasks, or of a shared video the annotations that the session made."""
    if not services.label_studio_connected:
        return
    configured = services.settings.project
    projects = {*services.projects(), *([] if configured is None else [configured])}
    for project_id in sorted(projects):
        if shared:
            interface = services.interface(project_id)
            sync_coach_annotations(services.studio, project_id, interface, video_id, session_id, {})
        else:
            delete_video_tasks(services.studio, project_id, video_id)
