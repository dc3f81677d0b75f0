"""Delete a session everywhere: first a page that says what goes, then it is out of sight."""

import logging

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from backend.coach.auth.session_auth import HOME, CurrentUser
from backend.coach.templating import page
from backend.errors import ApiError
from backend.state import AppState
from pushoff.coach.accounts import Account
from pushoff.coach.deletion import soft_delete
from pushoff.coach.sessions import CoachSession, get_session, may_change
from pushoff.errors import QueueUnavailable
from pushoff.queue import JobQueue, job_ids

log = logging.getLogger(__name__)

AT = f"{HOME}/sessions/{{session_id}}/delete"


def routes(state: AppState) -> APIRouter:
    """The question and the deed."""
    router = APIRouter()

    def own(session_id: str, user: Account) -> CoachSession:
        session = get_session(state.database, session_id, user)
        if not may_change(user, session):
            raise ApiError(403, "not_allowed", "Only the coach whose session it is may delete it.")
        return session

    @router.get(AT)
    def ask(request: Request, session_id: str, user: CurrentUser) -> Response:
        """What goes and what stays, before it is too late."""
        return page(request, "delete.html", session=own(session_id, user))

    @router.post(AT)
    def delete(session_id: str, user: CurrentUser) -> Response:
        """Out of sight now; the worker deletes the rest."""
        own(session_id, user)
        soft_delete(state.database, session_id)
        try:
            enqueue_deletion(state.queue(), session_id)
        except QueueUnavailable as error:  # the nightly job asks for what is hidden, too
            log.warning("session %s is hidden, its deletion is put off: %s", session_id, error)
        return RedirectResponse(f"{HOME}?deleted=1", 303)

    return router


def enqueue_deletion(queue: JobQueue, session_id: str) -> None:
    """Have it deleted everywhere, and not read to the end before. Raises QueueUnavailable."""
    queue.jobs.cancel(job_ids.analyze_session(session_id))
    queue.request.delete_session(session_id)
