"""Calibrate a session from points clicked on an image, for distances in metres."""

import asyncio
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request

from backend.coach.api.models import PageData
from backend.coach.api.schema import JSON_OBJECT
from backend.coach.auth.bearer import token_scope
from backend.coach.auth.session_auth import HOME, CurrentUser, require_owner
from backend.coach.sessions.view import CAMERA_MOVED, page_data
from backend.errors import ApiError
from backend.request_body import read_json
from backend.state import AppState
from pushoff.coach.accounts import Account
from pushoff.coach.api_tokens import Scope
from pushoff.coach.session_files import load_analysis
from pushoff.coach.session_report import current_report
from pushoff.coach.sessions import CoachSession, change_session, get_session

PATH = f"{HOME}/sessions/{{session_id}}/calibration"
MAX_BODY_BYTES = 16 * 2**10


def routes(state: AppState) -> APIRouter:
    """For the session's coach and admins only: a calibration changes every distance."""
    router = APIRouter(tags=["changes"])

    @router.post(PATH, response_model=PageData, openapi_extra=JSON_OBJECT)
    @token_scope(Scope.CORRECT)
    async def calibrate(request: Request, session_id: str, user: CurrentUser) -> dict[str, Any]:
        """Save a calibration (see `pushoff.events.measure.calibration_file`) in pixels of the
        video. Returns the new `report.json`."""
        body = await read_json(request, MAX_BODY_BYTES)
        return await asyncio.to_thread(_calibrate, state, session_id, user, body)

    @router.delete(PATH, response_model=PageData)
    @token_scope(Scope.CORRECT)
    def delete(session_id: str, user: CurrentUser) -> dict[str, Any]:
        """Remove the calibration. Returns the new `report.json`."""
        session = get_session(state.database, session_id, user)
        require_owner(user, session)
        return _save(state, session, user, None)

    return router


def _calibrate(
    state: AppState, session_id: str, user: Account, body: dict[str, Any]
) -> dict[str, Any]:
    session = get_session(state.database, session_id, user)
    require_owner(user, session)
    analysis = load_analysis(state.storage, session.session_id)
    if analysis.track.camera != "fixed":
        raise ApiError(409, "camera_moved", CAMERA_MOVED)
    size = {"width_px": analysis.info.width_px, "height_px": analysis.info.height_px}
    return _save(state, session, user, {**size, **body})


def _save(
    state: AppState, session: CoachSession, user: Account, calibration: dict[str, Any] | None
) -> dict[str, Any]:
    """Stored only after a report could be made with it."""
    calibrated = replace(session, calibration=calibration)
    view = current_report(state.database, state.storage, calibrated)
    change_session(state.database, session.session_id, calibration=calibration)
    return page_data(calibrated, view, user)
