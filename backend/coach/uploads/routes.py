"""Videos come in, in parts that can be gone on with (tus 1.0.0). Door: tuspyserver.

Only the protocol's core is served, HEAD and PATCH: an upload is made by our own `new`, which knows
limits and owners, and ended by our own DELETE. `guard` runs before tuspyserver sees a request.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from typing import Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.types import Message, Receive
from tuspyserver import create_tus_router

from backend.coach.auth.session_auth import HOME, CurrentUser
from backend.coach.templating import EXERCISES, page
from backend.coach.uploads.tus_storage import TusStorage, parse_upload_id, upload_id
from backend.errors import ApiError
from backend.request_body import read_json
from backend.state import AppState
from pushoff.coach.accounts import Account, Role
from pushoff.coach.chapters import group_chapters
from pushoff.coach.session_queries import SessionFilter, athletes_of, list_sessions
from pushoff.coach.sessions import (
    CoachSession,
    SessionDetails,
    State,
    get_session,
    may_change,
)
from pushoff.coach.upload_staging import Chapter, UploadStaging
from pushoff.coach.uploads import (
    VIDEO_SUFFIXES,
    UploadLimits,
    begin_uploads,
    cancel_upload,
    finish_upload,
    received_bytes,
)
from pushoff.errors import BadInput, NoSuchSession, Upstream
from pushoff.values import Exercise

log = logging.getLogger(__name__)
logging.getLogger("tuspyserver").setLevel(logging.WARNING)  # it would write a line for every HEAD

AT = f"{HOME}/uploads"
FILES = f"{AT}/files"
IDLE_TIMEOUT_S = 20.0
"""A sender who is silent so long has lost the network: what came is kept, and others may go on."""
MOST_FILES = 100
RATES_FPS = (60, 120, 240, 480)
"""Of phones and action cameras."""


class _File(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore")
    name: str = Field(min_length=1, max_length=255)
    size: int = Field(ge=0, lt=2**60)
    modified: int = Field(ge=0, lt=2**60)


class _New(BaseModel):
    model_config = ConfigDict(extra="ignore")
    athlete: str
    exercise: Exercise
    date: date
    capture_fps: float | None = None
    consent: bool
    files: list[_File] = Field(min_length=1, max_length=MOST_FILES)


def routes(state: AppState) -> APIRouter:
    """The upload page and what it talks to."""
    router = APIRouter()
    settings, staging = state.settings, state.upload_staging
    limits = UploadLimits(
        int(settings.upload_max_gib * 2**30), int(settings.coach_quota_gib * 2**30)
    )
    one_at_a_time = asyncio.Lock()  # two that begin at once must not both get the last of a quota

    def finish(session_id: str) -> None:
        try:
            finish_upload(state.database, state.storage, staging, state.queue, session_id)
        except NoSuchSession:  # cancelled in another tab a moment ago
            return
        except Upstream as error:  # the clock finishes it within half a minute
            log.warning("session %s is not asked for yet: %s", session_id, error)

    def held(session_id: str, number: int) -> int:
        return received_bytes(state.storage, staging, session_id, number)

    @router.get(f"{HOME}/upload")
    def show(request: Request, user: CurrentUser) -> Response:
        """Drop videos here."""
        _no_annotators(user)
        return page(
            request,
            "upload.html",
            athletes=athletes_of(state.database, user),
            rates=RATES_FPS,
            today=date.today(),
            accepted=",".join(f".{suffix}" for suffix in VIDEO_SUFFIXES),
        )

    @router.get(f"{AT}/unfinished")
    def unfinished(user: CurrentUser) -> dict[str, Any]:
        """Uploads of the user that were broken off, and how much of each is here."""
        waiting, _ = list_sessions(state.database, user, SessionFilter(state=State.UPLOADING))
        own = [one for one in waiting if one.owner_id == user.account_id]
        for session in own:
            finish(session.session_id)
        shown = [_shown(session, staging, held) for session in own]
        return {"sessions": [one for one in shown if _missing(one)]}

    @router.post(f"{AT}/new")
    async def new(request: Request, user: CurrentUser) -> dict[str, Any]:
        """Make a session for each video; the answer says where each file's bytes go."""
        _no_annotators(user)
        asked = _parsed(await read_json(request, 2**18))
        async with one_at_a_time:
            made = await asyncio.to_thread(begin, asked, user)
        return {"sessions": [_shown(session, staging, held) for session in made]}

    def begin(asked: _New, owner: Account) -> list[CoachSession]:
        if not asked.consent:
            raise BadInput("Tick that the athlete agreed to be filmed: without it nothing is kept.")
        chapters = [Chapter(file.name, file.size, file.modified) for file in asked.files]
        recordings = [
            [chapters[k] for k in video] for video in group_chapters([one.name for one in chapters])
        ]
        told = [_described(asked, recording) for recording in recordings]
        return begin_uploads(
            state.database, staging, owner, list(zip(told, recordings, strict=True)), limits
        )

    @router.delete(f"{AT}/{{session_id}}")
    def cancel(session_id: str, user: CurrentUser) -> Response:
        """Forget the session and what has come of it."""
        _own(get_session(state.database, session_id, user), user)
        cancel_upload(state.database, state.storage, staging, session_id)
        return Response(status_code=204)

    async def guard(request: Request, uuid: str, user: CurrentUser) -> None:
        """Before tuspyserver: whose upload it is, and that no byte is one too many."""
        found = parse_upload_id(uuid)
        if found is None:
            raise ApiError(404, "not_found", "There is no such upload.")
        session_id, number = found
        session = await asyncio.to_thread(get_session, state.database, session_id, user)
        _own(session, user)
        expected = await asyncio.to_thread(staging.declared, session_id)
        if number >= len(expected):
            raise ApiError(404, "not_found", "There is no such upload.")
        if request.method == "HEAD":
            await asyncio.to_thread(finish, session_id)
            return
        if session.state is not State.UPLOADING:
            raise ApiError(409, "arrived", "The video is here already.")
        _fits(request, expected[number].size_bytes)
        request._receive = _patient(request.receive)  # Starlette has no auth for this

    async def arrived() -> Callable[[str, dict[str, str]], Awaitable[None]]:
        async def done(uid: str, _: dict[str, str]) -> None:
            found = parse_upload_id(uid)
            if found:
                await asyncio.to_thread(finish, found[0])

        return done

    tus = create_tus_router(
        prefix=FILES,
        max_size=limits.video_bytes,
        upload_complete_dep=arrived,
        storage=TusStorage(staging, held),
    )
    tus.routes[:] = [one for one in tus.routes if one.methods <= {"HEAD", "PATCH"}]
    router.include_router(tus, dependencies=[Depends(guard)])
    return router


def _parsed(body: dict[str, Any]) -> _New:
    try:
        return _New(**body)
    except ValidationError as error:
        first = error.errors()[0]
        where = " ".join(str(part) for part in first["loc"])
        raise BadInput(f"{where}: {first['msg']}.") from None


def _described(asked: _New, recording: Sequence[Chapter]) -> SessionDetails:
    return SessionDetails(
        athlete=asked.athlete,
        exercise=asked.exercise,
        filmed_on=asked.date,
        capture_fps=asked.capture_fps,
        filename=recording[0].name,
        size_bytes=sum(chapter.size_bytes for chapter in recording),
    )


def _shown(
    session: CoachSession, staging: UploadStaging, held: Callable[[str, int], int]
) -> dict[str, Any]:
    return {
        "session_id": session.session_id,
        "athlete": session.details.athlete,
        "exercise": EXERCISES[session.details.exercise],
        "date": session.details.filmed_on.isoformat(),
        "chapters": [
            {
                "name": chapter.name,
                "size": chapter.size_bytes,
                "modified": chapter.modified_ms,
                "offset": held(session.session_id, number),
                "upload": f"{FILES}/{upload_id(session.session_id, number)}",
            }
            for number, chapter in enumerate(staging.declared(session.session_id))
        ],
    }


def _missing(shown: dict[str, Any]) -> bool:
    return any(chapter["offset"] < chapter["size"] for chapter in shown["chapters"])


def _fits(request: Request, size_bytes: int) -> None:
    """Raises ApiError for a part that is none, or that goes beyond the announced end."""
    told = request.headers
    if told.get("tus-resumable") != "1.0.0":
        raise ApiError(412, "tus_version", "Send Tus-Resumable: 1.0.0.", {"Tus-Version": "1.0.0"})
    if told.get("content-type") != "application/offset+octet-stream":
        raise ApiError(415, "content_type", "Send application/offset+octet-stream.")
    offset, length = told.get("upload-offset", ""), told.get("content-length", "")
    if not all(one.isascii() and one.isdigit() and len(one) <= 18 for one in (offset, length)):
        raise ApiError(400, "offset", "Say Upload-Offset and Content-Length, in bytes.")
    if int(offset) + int(length) > size_bytes:
        close = {"Connection": "close"}
        raise ApiError(413, "body_too_large", "This is more than was announced.", close)


def _patient(receive: Receive) -> Receive:
    """Silence for long counts as gone: the bytes so far are kept and the file is let go."""

    async def next_message() -> Message:
        try:
            async with asyncio.timeout(IDLE_TIMEOUT_S):
                return await receive()
        except TimeoutError:
            return {"type": "http.disconnect"}

    return next_message


def _own(session: CoachSession, user: Account) -> None:
    if not may_change(user, session):
        raise ApiError(403, "not_allowed", "Only the coach whose session it is may do this.")


def _no_annotators(user: Account) -> None:
    if user.role is Role.ANNOTATOR:
        raise ApiError(403, "not_allowed", "Annotators upload no sessions: sign in as a coach.")
