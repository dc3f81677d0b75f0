"""Live progress as server-sent events: one event for every change, until the session is done."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from backend.coach.auth.session_auth import HOME, CurrentUser
from backend.coach.server_sent_events import stream
from backend.coach.sessions.status import STAGES, SessionStatus, session_status
from backend.state import AppState
from pushoff.coach.accounts import Account
from pushoff.coach.sessions import State, get_session
from pushoff.errors import PushoffError

EVERY_S = 0.5
LONGEST_S = 15 * 60
"""Then the stream ends and the browser asks anew by itself, with its sign-in looked at again."""
QUIET_S = 15
"""After so long without news a comment keeps proxies from closing the stream."""


class EtaEstimator:
    """Seconds left in a stage, from how fast its frames went by so far."""

    def __init__(self) -> None:
        self._stage: str | None = None
        self._began = (0.0, 0)

    def left_s(self, now_s: float, at: SessionStatus) -> int | None:
        """Whole seconds, None while nobody can tell."""
        if at.stage != self._stage or at.done is None:
            self._stage, self._began = at.stage, (now_s, at.done or 0)
            return None
        seconds, frames = now_s - self._began[0], at.done - self._began[1]
        if not at.total or frames <= 0 or seconds < 2:
            return None
        return max(round((at.total - at.done) * seconds / frames), 0)


def routes(state: AppState) -> APIRouter:
    """The stream of one session."""
    router = APIRouter()

    def look(session_id: str, viewer: Account) -> SessionStatus:
        session = get_session(state.database, session_id, viewer)
        return session_status(state.queue(), session)

    @router.get(f"{HOME}/sessions/{{session_id}}/progress")
    async def progress(request: Request, session_id: str, user: CurrentUser) -> StreamingResponse:
        """`text/event-stream`; each event is what `progress_event` gives."""
        first = await asyncio.to_thread(look, session_id, user)

        async def events() -> AsyncIterator[str]:
            at, pace, sent, said_s = first, EtaEstimator(), None, 0.0
            ends = time.monotonic() + LONGEST_S
            while True:
                now_s = time.monotonic()
                news = progress_event(at, pace.left_s(now_s, at))
                if news != sent or now_s - said_s > QUIET_S:
                    yield f"data: {json.dumps(news)}\n\n" if news != sent else ": still here\n\n"
                    sent, said_s = news, now_s
                over = at.session.state not in (State.WAITING, State.ANALYZING)
                if over or now_s > ends or await request.is_disconnected():
                    return
                await asyncio.sleep(EVERY_S)
                try:
                    at = await asyncio.to_thread(look, session_id, user)
                except PushoffError:  # a moment's trouble: the next look says
                    continue

        return stream(user, events())

    return router


def progress_event(at: SessionStatus, left_s: int | None) -> dict[str, Any]:
    """What an event says: state, reason, the stage's number and name, frames, seconds left."""
    order = list(STAGES)
    return {
        "state": at.session.state.value,
        "reason": at.session.reason,
        "stage": at.stage and order.index(at.stage) + 1,
        "stages": len(order),
        "stage_name": at.stage and STAGES[at.stage],
        "frame": at.done,
        "frames": at.total,
        "left_s": left_s,
    }
