"""Live progress of an analysis as server-sent events."""

import asyncio
import time
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from backend.coach.auth.session_auth import HOME, CurrentUser
from backend.coach.server_sent_events import Update, poll
from backend.coach.sessions.status import STAGES, SessionStatus, session_status
from backend.state import AppState
from pushoff.coach.sessions import State, get_session

INTERVAL_S = 0.5
MIN_OBSERVED_S = 2
"""Time in a stage before its remaining time is estimated."""


class EtaEstimator:
    """Estimates the seconds left in a stage from its frame rate so far."""

    def __init__(self) -> None:
        self._stage: str | None = None
        self._start_s, self._start_frames = 0.0, 0

    def left_s(self, now_s: float, status: SessionStatus) -> int | None:
        """Whole seconds; None while they are unknown."""
        if status.stage != self._stage or status.done is None:
            self._stage, self._start_s, self._start_frames = status.stage, now_s, status.done or 0
            return None
        seconds, frames = now_s - self._start_s, status.done - self._start_frames
        if not status.total or frames <= 0 or seconds < MIN_OBSERVED_S:
            return None
        return max(round((status.total - status.done) * seconds / frames), 0)


def routes(state: AppState) -> APIRouter:
    """The stream of one session."""
    router = APIRouter()

    @router.get(f"{HOME}/sessions/{{session_id}}/progress")
    async def progress(request: Request, session_id: str, user: CurrentUser) -> StreamingResponse:
        """`text/event-stream` of `progress_event` values, until the analysis has ended."""
        eta = EtaEstimator()

        def load() -> Update:
            session = get_session(state.database, session_id, user)
            status = session_status(state.queue(), session)
            in_progress = status.session.state in (State.WAITING, State.ANALYZING)
            event = progress_event(status, eta.left_s(time.monotonic(), status))
            return Update(event, last=not in_progress)

        await asyncio.to_thread(load)  # raises NoSuchSession before the stream starts
        return state.event_streams.response(user, poll(request, load, INTERVAL_S))

    return router


def progress_event(status: SessionStatus, left_s: int | None) -> dict[str, Any]:
    """State, reason, number and name of the stage, frames, seconds left, jobs before it."""
    stages = list(STAGES)
    return {
        "state": status.session.state.value,
        "reason": status.session.reason,
        "stage": stages.index(status.stage) + 1 if status.stage else None,
        "stages": len(stages),
        "stage_name": STAGES[status.stage] if status.stage else None,
        "frame": status.done,
        "frames": status.total,
        "left_s": left_s,
        "ahead": status.ahead,
    }
