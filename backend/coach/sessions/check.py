"""The tick "I have checked the whole video": the session's push-offs become truth."""

import asyncio
import logging
from typing import Any

from fastapi import APIRouter

from backend.coach.auth.session_auth import HOME, CurrentUser
from backend.coach.sessions.view import page_data
from backend.state import AppState
from pushoff.coach.accounts import Account
from pushoff.coach.review.checks import mark_checked, require_decided, unlearnt, unmark_checked
from pushoff.coach.review.other_opinions import page_view
from pushoff.coach.session_report import current_report
from pushoff.coach.sessions import get_session
from pushoff.errors import QueueUnavailable

log = logging.getLogger(__name__)

PATH = f"{HOME}/sessions/{{session_id}}/check"


def routes(state: AppState) -> APIRouter:
    """Everybody who may correct a session may check it, annotators too."""
    router = APIRouter()

    @router.post(PATH)
    async def check(session_id: str, user: CurrentUser) -> dict[str, Any]:
        """Record that the user has checked the whole video. Returns the new `report.json`.

        Refused while a possible push-off is neither confirmed nor deleted.
        """
        return await asyncio.to_thread(_check, state, session_id, user)

    @router.delete(PATH)
    def withdraw(session_id: str, user: CurrentUser) -> dict[str, Any]:
        """Take the check back; the corrections stay. Returns the new `report.json`."""
        session = get_session(state.database, session_id, user)
        unmark_checked(state.database, session.session_id)
        return _page_data(state, session_id, user)

    return router


def _check(state: AppState, session_id: str, user: Account) -> dict[str, Any]:
    session = get_session(state.database, session_id, user)
    require_decided(current_report(state.database, state.storage, session).report)
    mark_checked(state.database, session.session_id, user)
    enqueue_learning(state)
    return _page_data(state, session_id, user)


def enqueue_learning(state: AppState) -> None:
    """Request a training once enough sessions are newly checked.

    An unavailable queue is only logged: the check is saved, and the next check or the nightly job
    requests the training again.
    """
    new = len(unlearnt(state.database))
    if new < state.settings.learn_every:
        return
    try:
        state.queue().request.learn_from_sessions(f"{new} newly checked sessions")
    except QueueUnavailable as error:
        log.warning("%d checked sessions are learnt from at night: %s", new, error)


def _page_data(state: AppState, session_id: str, user: Account) -> dict[str, Any]:
    session = get_session(state.database, session_id, user)
    return page_data(session, page_view(state.database, state.storage, session), user)
