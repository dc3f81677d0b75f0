"""Set the camera's frame rate of a session whose file may be slow motion."""

import asyncio

from fastapi import APIRouter, Request, Response

from backend.coach.auth.session_auth import HOME, CurrentUser, form, require_owner
from backend.errors import ApiError
from backend.state import AppState
from pushoff.coach.accounts import Account
from pushoff.coach.sessions import State, change_session, get_session, parse_capture_rate


def routes(state: AppState) -> APIRouter:
    """The form of the session's page."""
    router = APIRouter()

    def save(session_id: str, user: Account, capture_fps: str) -> None:
        session = get_session(state.database, session_id, user)
        require_owner(user, session)
        if session.state not in (State.READY, State.FAILED):
            raise ApiError(
                409, "busy", "The video is being analysed. Set the rate when it is done."
            )
        rate = parse_capture_rate(capture_fps)
        change_session(state.database, session_id, capture_fps=rate, state=State.WAITING)
        state.queue().request.analyze_session(session_id)

    @router.post(f"{HOME}/sessions/{{session_id}}/capture-rate")
    async def set_rate(request: Request, session_id: str, user: CurrentUser) -> Response:
        """Save the rate and analyse the video again."""
        capture_fps = (await form(request)).get("capture_fps", "")
        await asyncio.to_thread(save, session_id, user, capture_fps)
        return Response(status_code=303, headers={"Location": f"{HOME}/sessions/{session_id}"})

    return router
