"""Slow-motion clips: request one, poll its state, download it."""

from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from backend.coach.auth.session_auth import HOME, CurrentUser, form, wants_page
from backend.coach.file_response import stored_file
from backend.coach.sessions.downloads import attachment
from backend.errors import ApiError
from backend.state import AppState
from pushoff.coach.accounts import Account
from pushoff.coach.clips import WHOLE_SESSION, Clip, session_clips
from pushoff.coach.session_report import current_report
from pushoff.coach.sessions import CoachSession, get_session
from pushoff.errors import QueueUnavailable

PATH = f"{HOME}/sessions/{{session_id}}/clips"
JOB_TIMEOUT_S = 1800
"""A clip takes about a minute at most; a job that takes longer is stopped."""
_STATES = {"queued": "waiting", "running": "rendering", "failed": "failed", "cancelled": "failed"}


def routes(state: AppState) -> APIRouter:
    """Clips of the current report of a session."""
    router = APIRouter()

    def load(session_id: str, user: Account) -> tuple[CoachSession, tuple[Clip, ...]]:
        session = get_session(state.database, session_id, user)
        view = current_report(state.database, state.storage, session)
        return session, session_clips(session.session_id, view)

    @router.get(PATH)
    def list_clips(session_id: str, user: CurrentUser) -> dict[str, Any]:
        """Every clip that can be requested, and its state."""
        session, clips = load(session_id, user)
        return {"clips": [_clip_status(state, session, clip) for clip in clips]}

    @router.post(PATH)
    async def create(request: Request, session_id: str, user: CurrentUser) -> Response:
        """Request a clip; the form field `target` is `session` or a push-off's frame."""
        target = (await form(request)).get("target", "")
        return await run_in_threadpool(enqueue, request, session_id, user, target)

    def enqueue(request: Request, session_id: str, user: Account, target: str) -> Response:
        session, clips = load(session_id, user)
        clip = _find(clips, target)
        if not state.storage.exists(clip.key):
            state.queue().jobs.enqueue(
                "render_clip",
                job_id=clip.job_id,
                timeout_s=JOB_TIMEOUT_S,
                session_id=session.session_id,
                target=clip.target,
                key=clip.key,
            )
        if not wants_page(request):
            return Response(status_code=202)
        location = f"{HOME}/sessions/{session.session_id}#downloads"
        return Response(status_code=303, headers={"Location": location})

    @router.get(PATH + "/{target}.mp4")
    def download(session_id: str, target: str, user: CurrentUser) -> Response:
        """The clip, unless the session was corrected after it was rendered."""
        session, clips = load(session_id, user)
        clip = _find(clips, target)
        if not state.storage.exists(clip.key):
            raise ApiError(404, "no_such_clip", "This clip does not exist yet: create it first.")
        response = stored_file(state, clip.key, "video/mp4")
        suffix = "" if clip.target == WHOLE_SESSION else f"-frame-{clip.target}"
        response.headers["Content-Disposition"] = attachment(session, "mp4", suffix)
        return response

    return router


def _find(clips: tuple[Clip, ...], target: str) -> Clip:
    for clip in clips:
        if clip.target == target:
            return clip
    raise ApiError(404, "no_such_clip", "This push-off no longer exists: reload the page.")


def _clip_status(state: AppState, session: CoachSession, clip: Clip) -> dict[str, Any]:
    """`state` is none, waiting, rendering, ready or failed."""
    status: dict[str, Any] = {"target": clip.target, "name": clip.name, "state": "none"}
    if state.storage.exists(clip.key):
        href = f"{HOME}/sessions/{session.session_id}/clips/{clip.target}.mp4"
        return {**status, "state": "ready", "href": href}
    try:
        job = state.queue().jobs.status(clip.job_id)
    except QueueUnavailable:
        return status
    status["state"] = _STATES.get(job.state, "none")
    return {
        **status,
        "done": job.progress.done,
        "total": job.progress.total,
        "reason": job.error if status["state"] == "failed" else None,
    }
