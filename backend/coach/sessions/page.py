"""One session: the page, the answer in words, what the page draws from, the video to play."""

from typing import Any

from fastapi import APIRouter, Request, Response

from backend.coach.auth.session_auth import HOME, CurrentUser
from backend.coach.file_response import stored_file
from backend.coach.sessions.status import session_status
from backend.coach.sessions.view import page_context, page_data
from backend.coach.templating import page
from backend.errors import ApiError
from backend.state import AppState
from pushoff.coach.accounts import Account
from pushoff.coach.session_files import preview_key, thumbnail_key
from pushoff.coach.session_queries import sessions_of_athlete
from pushoff.coach.session_report import current_report
from pushoff.coach.sessions import (
    CoachSession,
    State,
    change_session,
    get_session,
    may_change,
)

AT = f"{HOME}/sessions/{{session_id}}"


def routes(state: AppState) -> APIRouter:
    """The pages and files of one session."""
    router = APIRouter()

    def session_of(session_id: str, viewer: Account) -> CoachSession:
        return get_session(state.database, session_id, viewer)

    @router.get(AT)
    def show(request: Request, session_id: str, user: CurrentUser) -> Response:
        """The report, or how far the reading is."""
        session = session_of(session_id, user)
        mine = may_change(user, session)
        if session.state is not State.READY:
            at = session_status(state.queue(), session)
            return page(request, "waiting.html", at=at, may_change=mine)
        found = current_report(state.database, state.storage, session)
        others = sessions_of_athlete(state.database, user, session)
        words = page_context(session, found)
        return page(request, "session.html", may_change=mine, others=others, **words)

    @router.get(AT + "/answer")
    def answer(request: Request, session_id: str, user: CurrentUser) -> Response:
        """The answer in words alone, as HTML, for the page to put in after a correction."""
        session = session_of(session_id, user)
        found = current_report(state.database, state.storage, session)
        return page(request, "answer.html", **page_context(session, found))

    @router.get(AT + "/report.json")
    def report(session_id: str, user: CurrentUser) -> dict[str, Any]:
        """What the page draws; `report` is what the download holds too."""
        session = session_of(session_id, user)
        return page_data(session, current_report(state.database, state.storage, session), user)

    @router.post(AT + "/retry")
    def retry(session_id: str, user: CurrentUser) -> Response:
        """Read it once more."""
        session = session_of(session_id, user)
        if not may_change(user, session):
            raise ApiError(403, "not_allowed", "Only the coach whose session it is may do this.")
        unsettled = session.state in (State.WAITING, State.ANALYZING)
        if unsettled:  # its job may have died
            session = session_status(state.queue(), session).session
        if session.state is not State.FAILED:
            raise ApiError(409, "not_failed", "This session has not failed: load the page again.")
        change_session(state.database, session_id, state=State.WAITING)
        state.queue().request.analyze_session(session_id)
        return Response(status_code=303, headers={"Location": f"{HOME}/sessions/{session_id}"})

    @router.get(AT + "/preview.mp4")
    def preview(session_id: str, user: CurrentUser) -> Response:
        """The video; browsers ask for state of it."""
        return stored_file(state, preview_key(session_of(session_id, user).session_id), "video/mp4")

    @router.get(AT + "/thumbnail.jpg")
    def thumbnail(session_id: str, user: CurrentUser) -> Response:
        """The athlete, small."""
        return stored_file(
            state, thumbnail_key(session_of(session_id, user).session_id), "image/jpeg"
        )

    return router
