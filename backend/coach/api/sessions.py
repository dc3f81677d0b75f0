"""Sessions, push-offs and reports as JSON, for scripts."""

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query

from backend.coach.api.models import (
    PushOffList,
    Session,
    SessionList,
    SessionReport,
    session_model,
)
from backend.coach.auth.bearer import token_scope
from backend.coach.auth.session_auth import HOME, CurrentUser
from backend.coach.sessions.downloads import report_document
from backend.coach.sessions.status import session_statuses
from backend.state import AppState
from pushoff.coach.accounts import Account
from pushoff.coach.api_tokens import Scope
from pushoff.coach.session_queries import PAGE_SIZE, SessionFilter, list_sessions
from pushoff.coach.session_report import current_report
from pushoff.coach.sessions import State, get_session
from pushoff.values import Exercise

PATH = f"{HOME}/api/sessions"
MAX_PAGE = 10**6


def routes(state: AppState) -> APIRouter:
    """Reading only; changes go through the routes of the session's page."""
    router = APIRouter(tags=["sessions"])

    def document(session_id: str, user: Account) -> dict[str, Any]:
        session = get_session(state.database, session_id, user)
        view = current_report(state.database, state.storage, session)
        return report_document(state, session, view)

    @router.get(PATH, response_model=SessionList)
    @token_scope(Scope.READ)
    def sessions(
        user: CurrentUser,
        q: str = "",
        exercise: Exercise | None = None,
        session_state: Annotated[State | None, Query(alias="state")] = None,
        page: Annotated[int, Query(ge=0, le=MAX_PAGE)] = 0,
    ) -> SessionList:
        """The sessions the account may see, newest first; `q` searches athletes and files."""
        filters = SessionFilter(q.strip(), exercise, session_state, page)
        found, count = list_sessions(state.database, user, filters)
        parameters = {
            "q": q.strip(),
            "exercise": exercise.value if exercise else "",
            "state": session_state.value if session_state else "",
            "page": str(page + 1),
        }
        query = urlencode({name: value for name, value in parameters.items() if value})
        return SessionList(
            sessions=[session_model(status) for status in session_statuses(state.queue, found)],
            count=count,
            next=f"{PATH}?{query}" if count > (page + 1) * PAGE_SIZE else None,
        )

    @router.get(PATH + "/{session_id}", response_model=Session)
    @token_scope(Scope.READ)
    def session(session_id: str, user: CurrentUser) -> Session:
        """One session; poll it until `state` is `ready` or `failed`."""
        found = get_session(state.database, session_id, user)
        return session_model(session_statuses(state.queue, [found])[0])

    @router.get(PATH + "/{session_id}/push-offs", response_model=PushOffList)
    @token_scope(Scope.READ)
    def push_offs(session_id: str, user: CurrentUser) -> dict[str, Any]:
        """The push-offs after corrections, with times, feet and distances."""
        report = document(session_id, user)
        return {
            "session_id": session_id,
            "frames": report["video"]["frames"],
            "capture_fps": report["video"]["capture_fps"],
            "push_offs": report["push_offs"],
        }

    @router.get(PATH + "/{session_id}/report", response_model=SessionReport)
    @token_scope(Scope.READ)
    def report(session_id: str, user: CurrentUser) -> dict[str, Any]:
        """The whole report after corrections and calibration."""
        return document(session_id, user)

    return router
