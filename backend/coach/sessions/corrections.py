"""Corrections on the timeline: each is noted with who and when, and changes the report at once."""

import asyncio
from typing import Any

from fastapi import APIRouter, Request

from backend.coach.auth.session_auth import HOME, CurrentUser
from backend.coach.sessions.teaching import after_correction
from backend.coach.sessions.view import page_data
from backend.errors import ApiError
from backend.request_body import read_json
from backend.state import AppState
from pushoff.coach.accounts import Account
from pushoff.coach.corrections import (
    MAX_CORRECTIONS,
    Correction,
    check_correction,
    record_correction,
    undo_last,
)
from pushoff.coach.session_report import current_report
from pushoff.coach.sessions import CoachSession, change_session, get_session
from pushoff.errors import BadInput
from pushoff.events.values import Foot

AT = f"{HOME}/sessions/{{session_id}}/corrections"
BODY_BYTES = 4 * 2**10
_FIELDS = {"kind", "frame", "to_frame", "foot"}


def routes(state: AppState) -> APIRouter:
    """Whoever sees a session may correct it: annotators are there for that."""
    router = APIRouter()

    @router.post(AT)
    async def correct(request: Request, session_id: str, user: CurrentUser) -> dict[str, Any]:
        """Take one correction; answers what `report.json` does, after it."""
        asked = parse_correction(await read_json(request, BODY_BYTES))
        return await asyncio.to_thread(_correct, state, session_id, user, asked)

    @router.delete(AT + "/last")
    def undo(session_id: str, user: CurrentUser) -> dict[str, Any]:
        """Take the latest correction back; answers what `report.json` does, without it."""
        session = get_session(state.database, session_id, user)
        if undo_last(state.database, session.session_id, user) is None:
            raise ApiError(409, "nothing_to_undo", "There is nothing to undo.")
        return _after(state, session, user)

    return router


def parse_correction(body: dict[str, Any]) -> Correction:
    """The correction that a body describes. Raises BadInput, naming the value."""
    if odd := sorted(set(body) - _FIELDS):
        raise BadInput(f"{odd[0][:40]!r} is no part of a correction: {', '.join(sorted(_FIELDS))}")
    for name in ("frame", "to_frame"):
        value = body.get(name)
        if type(value) is not int and (name == "frame" or value is not None):
            raise BadInput(f"{name} must be a frame number, not {str(value)[:40]!r}")
    foot = body.get("foot")
    if foot not in (None, *(one.value for one in Foot)):
        raise BadInput(f"{str(foot)[:40]!r} is no foot: left or right")
    kind = str(body.get("kind"))[:40]
    return Correction(kind, body["frame"], body.get("to_frame"), Foot(foot) if foot else None)


def _correct(
    state: AppState, session_id: str, viewer: Account, asked: Correction
) -> dict[str, Any]:
    session = get_session(state.database, session_id, viewer)
    found = current_report(state.database, state.storage, session)
    if len(found.corrections) >= MAX_CORRECTIONS:
        raise BadInput(
            f"This session has {MAX_CORRECTIONS} corrections: have it read with a better model."
        )
    check_correction(asked, found.report.events, found.analysis.scores.athlete)
    record_correction(state.database, session.session_id, viewer, asked)
    return _after(state, session, viewer)


def _after(state: AppState, session: CoachSession, viewer: Account) -> dict[str, Any]:
    """The list's row follows the report, and Label Studio learns of it."""
    found = current_report(state.database, state.storage, session)
    change_session(
        state.database,
        session.session_id,
        headline=found.report.headline,
        push_offs=len(found.report.events),
    )
    after_correction(state, session.session_id)
    return page_data(session, found, viewer)
