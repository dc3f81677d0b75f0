"""At what rate the camera filmed: asked of the coach where the file may be slow motion."""

import asyncio

from fastapi import APIRouter, Request, Response

from backend.coach.auth.session_auth import HOME, CurrentUser, form
from backend.errors import ApiError
from backend.state import AppState
from pushoff.coach.accounts import Account
from pushoff.coach.sessions import (
    State,
    change_session,
    get_session,
    may_change,
    parse_capture_rate,
)


def routes(state: AppState) -> APIRouter:
    """Saying the rate."""
    router = APIRouter()

    def note(session_id: str, user: Account, told: str) -> None:
        session = get_session(state.database, session_id, user)
        if not may_change(user, session):
            raise ApiError(403, "not_allowed", "Only the coach whose session it is may do this.")
        if session.state not in (State.READY, State.FAILED):
            raise ApiError(409, "busy", "The video is being read: say it once that is over.")
        rate = parse_capture_rate(told)
        change_session(state.database, session_id, capture_fps=rate, state=State.WAITING)
        state.queue().request.analyze_session(session_id)

    @router.post(f"{HOME}/sessions/{{session_id}}/rate")
    async def say(request: Request, session_id: str, user: CurrentUser) -> Response:
        """Keep it and have the video read again."""
        told = (await form(request)).get("capture_fps", "")
        await asyncio.to_thread(note, session_id, user, told)
        return Response(status_code=303, headers={"Location": f"{HOME}/sessions/{session_id}"})

    return router
