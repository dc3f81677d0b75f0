"""Resumable uploads (tus 1.0.0).

Only the core of the protocol is served, HEAD and PATCH: uploads are declared by our own `new`
route, which knows limits and owners, and cancelled by our own DELETE. `check_upload` runs before
tuspyserver sees a request.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field, TypeAdapter
from starlette.types import Message, Receive

from backend.coach.auth.session_auth import HOME, CurrentUser, require_owner
from backend.coach.templating import EXERCISES
from backend.coach.uploads.tus_storage import StagedUploads, parse_upload_id, tus_routes, upload_id
from backend.errors import ApiError
from backend.request_body import read_json
from backend.state import AppState
from pushoff.coach.accounts import Account, Role
from pushoff.coach.chapters import group_chapters
from pushoff.coach.session_queries import SessionFilter, athletes_of, list_sessions
from pushoff.coach.sessions import CoachSession, SessionDetails, State, get_session
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
from pushoff.util.json_input import IGNORE_UNKNOWN, Between, Text, validate
from pushoff.values import Exercise

log = logging.getLogger(__name__)

PATH = f"{HOME}/uploads"
FILES_PATH = f"{PATH}/files"
IDLE_TIMEOUT_S = 20.0
"""A sender without data for so long counts as disconnected: the file is unlocked, and the upload
can continue in another request."""
MAX_FILES = 100
MAX_BODY_BYTES = 2**18
CAPTURE_RATES = (60, 120, 240, 480)
"""Common frame rates of phones and action cameras."""


@dataclass(frozen=True)
class _File:
    """A file as the page declares it."""

    __pydantic_config__ = IGNORE_UNKNOWN

    name: Annotated[Text, Field(min_length=1, max_length=255)]
    size: Annotated[int, Between(0, 2**60)]
    modified: Annotated[int, Between(0, 2**60)]
    """Milliseconds since 1970."""


@dataclass(frozen=True)
class _NewUpload:
    """The form of the upload page."""

    __pydantic_config__ = IGNORE_UNKNOWN

    athlete: Text
    exercise: Exercise
    date: date
    consent: bool
    files: Annotated[list[_File], Field(min_length=1, max_length=MAX_FILES)]
    capture_fps: float | None = None


_NEW_UPLOAD = TypeAdapter(_NewUpload)


def routes(state: AppState) -> APIRouter:
    """The upload page and the requests of its scripts."""
    router = APIRouter()
    settings, staging = state.settings, state.upload_staging
    limits = UploadLimits(
        int(settings.upload_max_gib * 2**30), int(settings.coach_quota_gib * 2**30)
    )
    begin_lock = asyncio.Lock()  # two uploads must not both get the last bytes of a quota

    def finish(session_id: str) -> None:
        try:
            finish_upload(state.database, state.storage, staging, state.queue, session_id)
        except NoSuchSession:  # cancelled in another tab
            return
        except Upstream as error:  # the scheduler finishes it within half a minute
            log.warning("session %s: analysis not requested yet: %s", session_id, error)

    def received(session_id: str, number: int) -> int:
        return received_bytes(state.storage, staging, session_id, number)

    @router.get(f"{HOME}/upload")
    def show(request: Request, user: CurrentUser) -> Response:
        """The upload page."""
        _refuse_annotators(user)
        return state.pages.render(
            request,
            "upload.html",
            athletes=athletes_of(state.database, user),
            rates=CAPTURE_RATES,
            today=date.today(),
            retention_days=settings.retention_days,
            accepted=",".join(f".{suffix}" for suffix in VIDEO_SUFFIXES),
        )

    @router.get(f"{PATH}/unfinished")
    def unfinished(user: CurrentUser) -> dict[str, Any]:
        """The user's interrupted uploads, with the bytes received of each chapter."""
        uploading, _ = list_sessions(state.database, user, SessionFilter(state=State.UPLOADING))
        own = [session for session in uploading if session.owner_id == user.account_id]
        for session in own:
            finish(session.session_id)
        uploads = [_upload_json(session, staging, received) for session in own]
        return {"sessions": [upload for upload in uploads if _is_incomplete(upload)]}

    @router.post(f"{PATH}/new")
    async def new(request: Request, user: CurrentUser) -> dict[str, Any]:
        """Create a session for each video; the response has the upload URL of each file."""
        _refuse_annotators(user)
        form = validate(_NEW_UPLOAD, await read_json(request, MAX_BODY_BYTES), "the upload")
        async with begin_lock:
            sessions = await asyncio.to_thread(begin, form, user)
        return {"sessions": [_upload_json(session, staging, received) for session in sessions]}

    def begin(form: _NewUpload, owner: Account) -> list[CoachSession]:
        if not form.consent:
            raise BadInput(
                "Confirm the athlete's consent by ticking the box. Nothing is stored without it.",
                code="no_consent",
            )
        chapters = [Chapter(file.name, file.size, file.modified) for file in form.files]
        videos = [
            [chapters[index] for index in indices]
            for indices in group_chapters([chapter.name for chapter in chapters])
        ]
        declared = [(_details(form, video), video) for video in videos]
        return begin_uploads(state.database, staging, owner, declared, limits)

    @router.delete(f"{PATH}/{{session_id}}")
    def cancel(session_id: str, user: CurrentUser) -> Response:
        """Delete an unfinished upload."""
        require_owner(user, get_session(state.database, session_id, user))
        cancel_upload(state.database, state.storage, staging, session_id)
        return Response(status_code=204)

    async def check_upload(request: Request, uuid: str, user: CurrentUser) -> None:
        """Runs before tuspyserver: checks the owner and the number of bytes."""
        parsed = parse_upload_id(uuid)
        if parsed is None:
            raise ApiError(404, "not_found", "There is no such upload.")
        session_id, number = parsed
        session = await asyncio.to_thread(get_session, state.database, session_id, user)
        require_owner(user, session)
        chapters = await asyncio.to_thread(staging.declared, session_id)
        if number >= len(chapters):
            raise ApiError(404, "not_found", "There is no such upload.")
        if request.method == "HEAD":
            await asyncio.to_thread(finish, session_id)
            return
        if session.state is not State.UPLOADING:
            raise ApiError(409, "uploaded", "This upload is already complete.")
        _check_part(request, chapters[number].size_bytes)
        # tuspyserver reads the stream itself; Starlette has no public way to wrap it
        request._receive = _with_idle_timeout(request.receive)

    async def on_complete(uid: str, _: dict[str, str]) -> None:
        parsed = parse_upload_id(uid)
        if parsed:
            await asyncio.to_thread(finish, parsed[0])

    uploads = StagedUploads(staging, received, state.upload_threads)
    tus = tus_routes(FILES_PATH, uploads, limits.video_bytes, on_complete)
    router.include_router(tus, dependencies=[Depends(check_upload)])
    return router


def _details(form: _NewUpload, chapters: Sequence[Chapter]) -> SessionDetails:
    return SessionDetails(
        athlete=form.athlete,
        exercise=form.exercise,
        filmed_on=form.date,
        capture_fps=form.capture_fps,
        filename=chapters[0].name,
        size_bytes=sum(chapter.size_bytes for chapter in chapters),
    )


def _upload_json(
    session: CoachSession, staging: UploadStaging, received: Callable[[str, int], int]
) -> dict[str, Any]:
    """An upload as the page's scripts use it; `offset` is the number of bytes received."""
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
                "offset": received(session.session_id, number),
                "upload": f"{FILES_PATH}/{upload_id(session.session_id, number)}",
            }
            for number, chapter in enumerate(staging.declared(session.session_id))
        ],
    }


def _is_incomplete(upload: dict[str, Any]) -> bool:
    return any(chapter["offset"] < chapter["size"] for chapter in upload["chapters"])


def _check_part(request: Request, size_bytes: int) -> None:
    """Raise ApiError for an invalid PATCH request, or one beyond the declared size."""
    headers = request.headers
    if headers.get("tus-resumable") != "1.0.0":
        raise ApiError(412, "tus_version", "Send Tus-Resumable: 1.0.0.", {"Tus-Version": "1.0.0"})
    if headers.get("content-type") != "application/offset+octet-stream":
        raise ApiError(415, "content_type", "Send application/offset+octet-stream.")
    offset, length = headers.get("upload-offset", ""), headers.get("content-length", "")
    if not all(_is_byte_count(value) for value in (offset, length)):
        raise ApiError(400, "offset", "Send Upload-Offset and Content-Length, in bytes.")
    if int(offset) + int(length) > size_bytes:
        close = {"Connection": "close"}
        raise ApiError(413, "body_too_large", "This is more than the declared size.", close)


def _is_byte_count(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) <= 18


def _with_idle_timeout(receive: Receive) -> Receive:
    """After IDLE_TIMEOUT_S without data the client counts as disconnected."""

    async def receive_or_disconnect() -> Message:
        try:
            async with asyncio.timeout(IDLE_TIMEOUT_S):
                return await receive()
        except TimeoutError:
            return {"type": "http.disconnect"}

    return receive_or_disconnect


def _refuse_annotators(user: Account) -> None:
    if user.role is Role.ANNOTATOR:
        raise ApiError(403, "not_allowed", "Annotators cannot upload sessions: sign in as a coach.")
