"""Delete a session everywhere: a page that asks for confirmation, then a job of the worker."""

import logging

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from backend.coach.auth.session_auth import HOME, CurrentUser, require_owner
from backend.state import AppState
from pushoff.coach.deletion import soft_delete
from pushoff.coach.sessions import get_session
from pushoff.errors import QueueUnavailable
from pushoff.queue import JobQueue, job_ids

log = logging.getLogger(__name__)

PATH = f"{HOME}/sessions/{{session_id}}/delete"


def routes(state: AppState) -> APIRouter:
    """The page and the deletion."""
    router = APIRouter()

    @router.get(PATH)
    def show(request: Request, session_id: str, user: CurrentUser) -> Response:
        """What will be deleted and what will not."""
        session = get_session(state.database, session_id, user)
        require_owner(user, session)
        return state.pages.render(request, "delete.html", session=session)

    @router.post(PATH)
    def delete(session_id: str, user: CurrentUser) -> Response:
        """Hide the session now; the worker deletes its files and labels."""
        session = get_session(state.database, session_id, user)
        require_owner(user, session)
        soft_delete(state.database, session_id)
        try:
            enqueue_deletion(state.queue(), session_id)
        except QueueUnavailable as error:  # the nightly job requests it again
            log.warning("session %s is hidden; its deletion is deferred: %s", session_id, error)
        return RedirectResponse(f"{HOME}?deleted=1", 303)

    return router


def enqueue_deletion(queue: JobQueue, session_id: str) -> None:
    """Cancel the session's analysis and request its deletion. Raises QueueUnavailable."""
    queue.jobs.cancel(job_ids.analyze_session(session_id))
    queue.request.delete_session(session_id)
