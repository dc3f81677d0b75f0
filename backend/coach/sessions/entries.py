"""Change what was entered at the upload: athlete, exercise, day."""

import asyncio
from datetime import date

from fastapi import APIRouter, Request, Response

from backend.coach.auth.session_auth import HOME, CurrentUser, form, require_owner
from backend.errors import ApiError
from backend.state import AppState
from pushoff.coach.accounts import Account
from pushoff.coach.session_queries import sessions_of_video
from pushoff.coach.session_report import current_report
from pushoff.coach.sessions import CoachSession, State, change_entries, change_session, get_session
from pushoff.errors import BadInput
from pushoff.storage.videos import change_video, is_stored
from pushoff.values import Exercise


def routes(state: AppState) -> APIRouter:
    """The form of the session's page."""
    router = APIRouter()

    def save(session_id: str, user: Account, fields: dict[str, str]) -> None:
        session = get_session(state.database, session_id, user)
        require_owner(user, session)
        if session.state in (State.WAITING, State.ANALYZING):
            raise ApiError(409, "busy", "The video is being analysed. Change it when it is done.")
        athlete, exercise, day = _parse(fields)
        change_entries(state.database, session_id, athlete, exercise, day)
        _follow(state, get_session(state.database, session_id))

    @router.post(f"{HOME}/sessions/{{session_id}}/entries")
    async def change(request: Request, session_id: str, user: CurrentUser) -> Response:
        """Save the entries; the report, the list and the athlete's trend follow."""
        await asyncio.to_thread(save, session_id, user, await form(request))
        return Response(status_code=303, headers={"Location": f"{HOME}/sessions/{session_id}"})

    return router


def _follow(state: AppState, session: CoachSession) -> None:
    """Bring the stored video and the session's row in line with the new entries.

    A video that another coach has too keeps its details: its tasks name them.
    """
    video_id, details = session.video_id, session.details
    if video_id and is_stored(state.storage, video_id):
        owners = {other.owner_id for other in sessions_of_video(state.database, video_id)}
        if owners == {session.owner_id}:
            change_video(state.storage, video_id, details.athlete, details.exercise)
    if session.state is State.READY:
        headline = current_report(state.database, state.storage, session).report.headline
        change_session(state.database, session.session_id, headline=headline)


def _parse(fields: dict[str, str]) -> tuple[str, Exercise, date]:
    """Raises BadInput."""
    try:
        exercise = Exercise(fields.get("exercise", ""))
    except ValueError:
        raise BadInput("Choose an exercise from the list.", code="invalid_exercise") from None
    try:
        day = date.fromisoformat(fields.get("date", ""))
    except ValueError:
        raise BadInput("Enter the day of the recording.", code="invalid_date") from None
    return fields.get("athlete", ""), exercise, day
