"""A coach's session is deleted everywhere."""

import logging
from typing import Any

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

log = logging.getLogger(__name__)

STOPPING_S = 30
"""Longest wait for a running job of the session to end, seconds."""


def delete_session(services: Services, session_id: str) -> dict[str, Any]:
    """Jobs stopped, then preview and reading, video, frames, features, tasks with their labels.

    The session's row goes last: killed at any line, the next run finds it and does the rest, and
    run twice there is nothing left to do. A video that another session has too stays, without what
    this session's corrections said of it. What stays is said in `delete_video`.
    Raises QueueUnavailable, StorageFailed, StudioUnreachable, StudioRefused.
    """
    invalidate_caches(services.storage)
    _stop(services, job_ids.analyze_session(session_id), job_ids.sync_corrections(session_id))
    left = {one.session_id: one for one in pending_deletions(services.database)}.get(session_id)
    if left is None:
        return {"session": session_id, "forgotten": False}
    video_id = left.video_id
    shared = video_id is not None and bool(sessions_of_video(services.database, video_id))
    services.upload_staging.delete(session_id)
    delete_folder(services.storage, folder(session_id))
    if video_id is not None:
        if not shared:
            _stop(services, job_ids.ingest_video(video_id))
            delete_video(services.storage, video_id)
        _forget_labels(services, video_id, session_id, shared)
    remove_session(services.database, session_id)
    log.info("session %s is deleted%s", session_id, ", its video is shared" if shared else "")
    return {"session": session_id, "forgotten": True, "video_stays": shared}


def _stop(services: Services, *job_ids: str) -> None:
    """What would write anew what is deleted. Raises QueueUnavailable when it does not end."""
    for job_id in job_ids:
        services.queue.jobs.cancel(job_id)
        if not services.queue.jobs.wait(job_id, timeout_s=STOPPING_S).done:
            raise QueueUnavailable(f"job {job_id} does not stop; deleting is tried again")


def _forget_labels(services: Services, video_id: str, session_id: str, shared: bool) -> None:
    settings = services.settings
    if not settings.label_studio_connected:
        return
    chosen = {settings.project} if settings.project is not None else set()
    for project_id in sorted(chosen.union(services.projects())):
        if shared:
            interface = services.interface(project_id)
            sync_coach_annotations(services.studio, project_id, interface, video_id, session_id, {})
        else:
            delete_video_tasks(services.studio, project_id, video_id)
