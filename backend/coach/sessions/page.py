"""The page of one session, its report as HTML and JSON, and its preview."""

from typing import Any

from fastapi import APIRouter, Request, Response

from backend.coach.auth.session_auth import HOME, CurrentUser, require_owner
from backend.coach.file_response import stored_file
from backend.coach.sessions.status import session_status
from backend.coach.sessions.view import page_context, page_data
from backend.errors import ApiError
from backend.state import AppState
from pushoff.coach.review.other_opinions import page_view
from pushoff.coach.session_files import preview_key, thumbnail_key
from pushoff.coach.session_queries import sessions_of_athlete
from pushoff.coach.sessions import State, change_session, get_session, may_change

PATH = f"{HOME}/sessions/{{session_id}}"


def routes(state: AppState) -> APIRouter:
    """The pages and files of one session."""
    router = APIRouter()

    @router.get(PATH)
    def show(request: Request, session_id: str, user: CurrentUser) -> Response:
        """The report, or the progress of the analysis."""
        session = get_session(state.database, session_id, user)
        owner = may_change(user, session)
        if session.state is not State.READY:
            status = session_status(state.queue(), session)
            return state.pages.render(request, "progress.html", status=status, may_change=owner)
        view = page_view(state.database, state.storage, session)
        others = [
            other
            for other in sessions_of_athlete(state.database, user, session)
            if other.session_id != session.session_id
        ]
        context = page_context(session, view)
        return state.pages.render(
            request, "session.html", may_change=owner, others=others, **context
        )

    @router.get(PATH + "/report")
    def report_html(request: Request, session_id: str, user: CurrentUser) -> Response:
        """The report alone, as HTML that the page inserts after a correction."""
        session = get_session(state.database, session_id, user)
        view = page_view(state.database, state.storage, session)
        return state.pages.render(request, "report.html", **page_context(session, view))

    @router.get(PATH + "/report.json")
    def report_json(session_id: str, user: CurrentUser) -> dict[str, Any]:
        """The data of the page's scripts; its `report` is the one that can be downloaded."""
        session = get_session(state.database, session_id, user)
        return page_data(session, page_view(state.database, state.storage, session), user)

    @router.post(PATH + "/retry")
    def retry(session_id: str, user: CurrentUser) -> Response:
        """Analyse the video again."""
        session = get_session(state.database, session_id, user)
        require_owner(user, session)
        if session.state in (State.WAITING, State.ANALYZING):  # its job may have failed
            session = session_status(state.queue(), session).session
        if session.state is not State.FAILED:
            raise ApiError(409, "not_failed", "This session has not failed: reload the page.")
        change_session(state.database, session_id, state=State.WAITING)
        state.queue().request.analyze_session(session_id)
        return Response(status_code=303, headers={"Location": f"{HOME}/sessions/{session_id}"})

    @router.get(PATH + "/preview.mp4")
    def preview(session_id: str, user: CurrentUser) -> Response:
        """The video, with byte ranges."""
        session = get_session(state.database, session_id, user)
        return stored_file(state, preview_key(session.session_id), "video/mp4")

    @router.get(PATH + "/thumbnail.jpg")
    def thumbnail(session_id: str, user: CurrentUser) -> Response:
        """A small image of the athlete."""
        session = get_session(state.database, session_id, user)
        return stored_file(state, thumbnail_key(session.session_id), "image/jpeg")

    return router
