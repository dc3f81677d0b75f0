"""Slow-motion clips: ask for one, see how far it is, take it home."""

from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from backend.coach.auth.session_auth import HOME, CurrentUser, form, wants_page
from backend.coach.file_response import stored_file
from backend.coach.sessions.downloads import attachment
from backend.errors import ApiError
from backend.state import AppState
from pushoff.coach.accounts import Account
from pushoff.coach.clips import Clip, session_clips
from pushoff.coach.session_report import current_report
from pushoff.coach.sessions import CoachSession, get_session
from pushoff.errors import QueueUnavailable

AT = f"{HOME}/sessions/{{session_id}}/clips"
LONGEST_S = 1800
"""A clip takes about a minute at most; a worker that hangs longer is ended."""
_STATES = {"queued": "waiting", "running": "making", "failed": "failed", "cancelled": "failed"}


def routes(state: AppState) -> APIRouter:
    """Clips of the session as it stands now."""
    router = APIRouter()

    def found(session_id: str, viewer: Account) -> tuple[CoachSession, tuple[Clip, ...]]:
        session = get_session(state.database, session_id, viewer)
        now = current_report(state.database, state.storage, session)
        return session, session_clips(session.session_id, now)

    def one_of(clips: tuple[Clip, ...], what: str) -> Clip:
        clip = next((one for one in clips if one.what == what), None)
        if clip is None:
            raise ApiError(
                404, "no_such_clip", "There is no such push-off any more: load the page again."
            )
        return clip

    @router.get(AT)
    def standing(session_id: str, user: CurrentUser) -> dict[str, Any]:
        """Every clip there can be, and how it stands."""
        session, clips = found(session_id, user)
        return {"clips": [_standing(state, session, one) for one in clips]}

    @router.post(AT)
    async def ask(request: Request, session_id: str, user: CurrentUser) -> Response:
        """Have a clip made; `what` of the form says of what."""
        what = (await form(request)).get("what", "")
        return await run_in_threadpool(_ask, request, session_id, user, what)

    def _ask(request: Request, session_id: str, user: Account, what: str) -> Response:
        session, clips = found(session_id, user)
        clip = one_of(clips, what)
        if not state.storage.exists(clip.key):
            state.queue().jobs.enqueue(
                "render_clip",
                job_id=clip.job_id,
                timeout_s=LONGEST_S,
                session_id=session.session_id,
                what=clip.what,
                key=clip.key,
            )
        if not wants_page(request):
            return Response(status_code=202)
        there = f"{HOME}/sessions/{session.session_id}#take-home"
        return Response(status_code=303, headers={"Location": there})

    @router.get(AT + "/{what}.mp4")
    def take(session_id: str, what: str, user: CurrentUser) -> Response:
        """The clip, unless the session was corrected since it was made."""
        session, clips = found(session_id, user)
        clip = one_of(clips, what)
        if not state.storage.exists(clip.key):
            raise ApiError(404, "no_such_clip", "This clip is not made yet: ask for it first.")
        answer = stored_file(state, clip.key, "video/mp4")
        more = "" if what == clips[0].what else f"-frame-{what}"
        answer.headers["Content-Disposition"] = attachment(session, "mp4", more)
        return answer

    return router


def _standing(state: AppState, session: CoachSession, clip: Clip) -> dict[str, Any]:
    """`state` is none, waiting, making, ready or failed."""
    answer: dict[str, Any] = {"what": clip.what, "name": clip.name, "state": "none"}
    if state.storage.exists(clip.key):
        href = f"{HOME}/sessions/{session.session_id}/clips/{clip.what}.mp4"
        return {**answer, "state": "ready", "href": href}
    try:
        job = state.queue().jobs.status(clip.job_id)
    except QueueUnavailable:
        return answer
    answer["state"] = _STATES.get(job.state, "none")
    return {
        **answer,
        "done": job.progress.done,
        "total": job.progress.total,
        "why": job.error if answer["state"] == "failed" else None,
    }
