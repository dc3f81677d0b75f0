"""Calibrate a session from points clicked on an image, for distances in metres."""

import asyncio
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
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
from pushoff.coach.session_report import SessionView, current_report
from pushoff.coach.sessions import CoachSession, change_session, get_session
from pushoff.events.measure.calibration_check import athlete_height_m, metre_grid, question
from pushoff.events.measure.calibration_file import parse_calibration
from pushoff.events.measure.ground_calibration import Calibration

PATH = f"{HOME}/sessions/{{session_id}}/calibration"
MAX_BODY_BYTES = 16 * 2**10


def routes(state: AppState) -> APIRouter:
    """For the session's coach and admins only: a calibration changes every distance."""
    router = APIRouter(tags=["changes"])

    @router.post(PATH, response_model=PageData, openapi_extra=JSON_OBJECT)
    @token_scope(Scope.CORRECT)
    async def calibrate(request: Request, session_id: str, user: CurrentUser) -> dict[str, Any]:
        """Save a calibration (see `pushoff.events.measure.calibration_file`) in pixels of the
        video. One that is implausible is refused with 409 unless `confirmed` is true. Returns the
        new `report.json`."""
        body = await read_json(request, MAX_BODY_BYTES)
        return await asyncio.to_thread(_calibrate, state, session_id, user, body)

    @router.post(PATH + "/preview")
    async def preview(request: Request, session_id: str, user: CurrentUser) -> dict[str, Any]:
        """What a calibration would give, without saving it: `grid`, lines of (x, y) video pixels
        one metre apart, and `question`, a sentence about what is implausible, or null."""
        body = await read_json(request, MAX_BODY_BYTES)
        return await asyncio.to_thread(_preview, state, session_id, user, body)

    @router.delete(PATH, response_model=PageData)
    @token_scope(Scope.CORRECT)
    def delete(session_id: str, user: CurrentUser) -> dict[str, Any]:
        """Remove the calibration. Returns the new `report.json`."""
        session = get_session(state.database, session_id, user)
        require_owner(user, session)
        view = current_report(state.database, state.storage, replace(session, calibration=None))
        change_session(state.database, session.session_id, calibration=None)
        return page_data(replace(session, calibration=None), view, user)

    return router


def _calibrate(
    state: AppState, session_id: str, user: Account, body: dict[str, Any]
) -> dict[str, Any]:
    confirmed = body.pop("confirmed", False) is True
    tried = _try(state, session_id, user, body)
    if tried.question and not confirmed:
        raise ApiError(
            409,
            "implausible_calibration",
            f"{tried.question} Check the points and the metres, or save it anyway.",
        )
    session = tried.session
    change_session(state.database, session.session_id, calibration=session.calibration)
    return page_data(session, tried.view, user)


def _preview(
    state: AppState, session_id: str, user: Account, body: dict[str, Any]
) -> dict[str, Any]:
    tried = _try(state, session_id, user, body)
    info = tried.view.analysis.info
    grid = metre_grid(tried.calibration, info.width_px, info.height_px)
    return {"grid": grid, "question": tried.question}


@dataclass(frozen=True, eq=False)
class _Tried:
    """A calibration that a report could be made with; nothing is stored."""

    session: CoachSession
    calibration: Calibration
    view: SessionView
    question: str | None


def _try(state: AppState, session_id: str, user: Account, body: dict[str, Any]) -> _Tried:
    session = get_session(state.database, session_id, user)
    require_owner(user, session)
    analysis = load_analysis(state.storage, session.session_id)
    if analysis.track.camera != "fixed":
        raise ApiError(409, "camera_moved", CAMERA_MOVED)
    size = {"width_px": analysis.info.width_px, "height_px": analysis.info.height_px}
    calibrated = replace(session, calibration={**size, **body})
    view = current_report(state.database, state.storage, calibrated)
    calibration = parse_calibration(calibrated.calibration)
    events = view.report.events
    boxes = analysis.boxes_px[[event.frame for event in events]].reshape(-1, 4)
    ground = boxes[:, :2] + boxes[:, 2:] * [0.5, 1.0]
    feet = [event.toe_px or foot for event, foot in zip(events, ground, strict=True)]
    height_m = athlete_height_m(calibration, np.array(feet, float).reshape(-1, 2), boxes[:, 3])
    return _Tried(calibrated, calibration, view, question(view.report, height_m))
