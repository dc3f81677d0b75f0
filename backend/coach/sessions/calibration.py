"""Metres from points clicked on the picture."""

import asyncio
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request

from backend.coach.auth.session_auth import HOME, CurrentUser
from backend.coach.sessions.view import WHY_PANNING, page_data
from backend.errors import ApiError
from backend.request_body import read_json
from backend.state import AppState
from pushoff.coach.accounts import Account
from pushoff.coach.session_files import load_analysis
from pushoff.coach.session_report import current_report
from pushoff.coach.sessions import CoachSession, change_session, get_session, may_change

AT = f"{HOME}/sessions/{{session_id}}/calibration"
BODY_BYTES = 16 * 2**10


def routes(state: AppState) -> APIRouter:
    """Only the session's coach and admins calibrate: it changes every metre of the report."""
    router = APIRouter()

    @router.post(AT)
    async def calibrate(request: Request, session_id: str, user: CurrentUser) -> dict[str, Any]:
        """Keep a calibration as `pushoff.events.measure.calibration_file` describes it, in
        pixels of the video; answers what `report.json` does, with it."""
        body = await read_json(request, BODY_BYTES)
        return await asyncio.to_thread(_calibrate, state, session_id, user, body)

    @router.delete(AT)
    def forget(session_id: str, user: CurrentUser) -> dict[str, Any]:
        """No metres any more."""
        return _keep(state, _own(state, session_id, user), user, None)

    return router


def _own(state: AppState, session_id: str, viewer: Account) -> CoachSession:
    session = get_session(state.database, session_id, viewer)
    if not may_change(viewer, session):
        message = "Only the coach whose session it is, or an admin, may calibrate it."
        raise ApiError(403, "not_allowed", message)
    return session


def _calibrate(
    state: AppState, session_id: str, viewer: Account, body: dict[str, Any]
) -> dict[str, Any]:
    session = _own(state, session_id, viewer)
    read = load_analysis(state.storage, session.session_id)
    if read.track.camera != "fixed":
        raise ApiError(409, "camera_moves", WHY_PANNING)
    size = {"width_px": read.info.width_px, "height_px": read.info.height_px}
    return _keep(state, session, viewer, {**size, **body})


def _keep(
    state: AppState, session: CoachSession, viewer: Account, calibration: dict[str, Any] | None
) -> dict[str, Any]:
    """Kept only once the report has been made with it."""
    calibrated = replace(session, calibration=calibration)
    found = current_report(state.database, state.storage, calibrated)
    change_session(state.database, session.session_id, calibration=calibration)
    return page_data(calibrated, found, viewer)
