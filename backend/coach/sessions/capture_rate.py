"""At what rate the camera filmed: asked of the coach where the file may be slow motion."""

import asyncio

from fastapi import APIRouter, Request, Response

from backend.coach.auth.session_auth import HOME, CurrentUser, form
from backend.errors import ApiError
from backend.state import AppState
from pushoff.coach.accounts import Account
from pushoff.coach.sessions import State, change_session, checked_rate, get_session, may_change
from pushoff.queue.job_ids import ask_reading


def routes(parts: AppState) -> APIRouter:
    """Saying the rate."""
    router = APIRouter()

    def note(session_id: str, visitor: Account, told: str) -> None:
        session = get_session(parts.database, session_id, visitor)
        if not may_change(visitor, session):
            raise ApiError(403, "not_allowed", "Only the coach whose session it is may do this.")
        if session.state not in (State.READY, State.FAILED):
            raise ApiError(409, "busy", "The video is being read: say it once that is over.")
        rate = checked_rate(told)
        change_session(
            parts.database, session_id, capture_fps=rate, state=State.WAITING, reason=None
        )
        ask_reading(parts.queue(), session_id)

    @router.post(f"{HOME}/sessions/{{session_id}}/rate")
    async def say(request: Request, session_id: str, visitor: CurrentUser) -> Response:
        """Keep it and have the video read again."""
        told = (await form(request)).get("capture_fps", "")
        await asyncio.to_thread(note, session_id, visitor, told)
        return Response(status_code=303, headers={"Location": f"{HOME}/sessions/{session_id}"})

    return router
