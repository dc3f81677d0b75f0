"""Corrections on the timeline: recorded, applied to the report, and copied to Label Studio."""

import asyncio
import logging
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import Strict, TypeAdapter

from backend.coach.api.models import PageData
from backend.coach.api.schema import request_schema
from backend.coach.auth.bearer import token_scope
from backend.coach.auth.session_auth import HOME, CurrentUser
from backend.coach.sessions.view import page_data
from backend.errors import ApiError
from backend.request_body import read_json
from backend.state import AppState
from pushoff.coach.accounts import Account
from pushoff.coach.api_tokens import Scope
from pushoff.coach.corrections import (
    MAX_CORRECTIONS,
    Correction,
    Kind,
    check_correction,
    record_correction,
    undo_last,
)
from pushoff.coach.review.other_opinions import page_view
from pushoff.coach.sessions import CoachSession, change_session, get_session
from pushoff.errors import BadInput, QueueUnavailable
from pushoff.events.values import Foot
from pushoff.util.json_input import FORBID_UNKNOWN, validate

log = logging.getLogger(__name__)

PATH = f"{HOME}/sessions/{{session_id}}/corrections"
MAX_BODY_BYTES = 4 * 2**10
_Frame = Annotated[int, Strict()]


@dataclass(frozen=True)
class _Body:
    """A correction as the page sends it."""

    __pydantic_config__ = FORBID_UNKNOWN

    kind: Kind
    frame: _Frame
    to_frame: _Frame | None = None
    foot: Foot | None = None
    approach: Annotated[bool, Strict()] | None = None
    toe_px: tuple[float, float] | None = None


_BODY = TypeAdapter(_Body)


def routes(state: AppState) -> APIRouter:
    """Everybody who may see a session may correct it, annotators too."""
    router = APIRouter(tags=["changes"])

    @router.post(PATH, response_model=PageData, openapi_extra=request_schema(_BODY))
    @token_scope(Scope.CORRECT)
    async def correct(request: Request, session_id: str, user: CurrentUser) -> dict[str, Any]:
        """Record a correction. Returns the new `report.json`."""
        correction = parse_correction(await read_json(request, MAX_BODY_BYTES))
        return await asyncio.to_thread(_correct, state, session_id, user, correction)

    @router.delete(PATH + "/last", response_model=PageData)
    @token_scope(Scope.CORRECT)
    def undo(session_id: str, user: CurrentUser) -> dict[str, Any]:
        """Undo the latest correction. Returns the new `report.json`."""
        session = get_session(state.database, session_id, user)
        if undo_last(state.database, session.session_id, user) is None:
            raise ApiError(409, "nothing_to_undo", "There is nothing to undo.")
        return _apply(state, session, user)

    return router


def parse_correction(body: dict[str, Any]) -> Correction:
    """The correction in a request body. Raises BadInput, naming the field and its value."""
    parsed = validate(_BODY, body, "the correction")
    return Correction(
        parsed.kind,
        parsed.frame,
        parsed.to_frame,
        parsed.foot,
        parsed.approach,
        parsed.toe_px,
    )


def enqueue_sync(state: AppState, session_id: str) -> None:
    """Request a copy of the session's corrections to Label Studio, if one is connected.

    There is one job for each session, which follows further corrections while it runs. An
    unavailable queue is only logged: the correction is saved, and the next correction or the
    nightly job requests the sync again.
    """
    if not state.settings.label_studio_connected:
        return
    try:
        state.queue().request.sync_corrections(session_id)
    except QueueUnavailable as error:
        log.warning(
            "session %s: correction saved; Label Studio sync deferred: %s", session_id, error
        )


def _correct(
    state: AppState, session_id: str, user: Account, correction: Correction
) -> dict[str, Any]:
    session = get_session(state.database, session_id, user)
    view = page_view(state.database, state.storage, session)
    if len(view.corrections) >= MAX_CORRECTIONS:
        raise BadInput(
            f"This session has {MAX_CORRECTIONS} corrections, the limit.",
            code="too_many_corrections",
            remedy="Undo some, or upload the video again: the current model analyses it anew.",
        )
    scores = view.analysis.scores
    check_correction(correction, view.report.events, scores.athlete, scores.times_s)
    record_correction(state.database, session.session_id, user, correction)
    return _apply(state, session, user)


def _apply(state: AppState, session: CoachSession, user: Account) -> dict[str, Any]:
    """Update the session's row in the list from its new report."""
    view = page_view(state.database, state.storage, session)
    change_session(
        state.database,
        session.session_id,
        headline=view.report.headline,
        push_offs=len(view.report.events),
    )
    enqueue_sync(state, session.session_id)
    return page_data(session, view, user)
