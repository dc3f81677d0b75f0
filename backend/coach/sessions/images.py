"""Single pictures out of a session's preview: the athlete cut out, or the whole frame."""

import asyncio

from fastapi import APIRouter, Response

from backend.coach.auth.session_auth import HOME, CurrentUser
from backend.errors import ApiError
from backend.state import AppState
from pushoff.coach.accounts import Account
from pushoff.coach.session_files import load_analysis, preview_key
from pushoff.coach.sessions import get_session
from pushoff.coach.strip_images import preview_box

AT = f"{HOME}/sessions/{{session_id}}/frames/{{number}}"
AT_ONCE = 2
"""Pictures decoded side by side: a page of ten push-offs asks for fifty."""
CACHE = {"Cache-Control": "private, max-age=3600"}
"""A video read anew may follow the athlete better: not kept for ever."""


def routes(state: AppState) -> APIRouter:
    """JPEGs by frame number."""
    router = APIRouter()
    free = asyncio.Semaphore(AT_ONCE)

    async def picture(session_id: str, frame: int, viewer: Account, whole: bool) -> Response:
        async with free:
            data = await asyncio.to_thread(_jpeg, state, session_id, frame, viewer, whole)
        return Response(data, media_type="image/jpeg", headers=CACHE)

    @router.get(AT + ".jpg")
    async def athlete(session_id: str, number: str, user: CurrentUser) -> Response:
        """The athlete, as large as a film strip shows it."""
        return await picture(session_id, _frame(number), user, whole=False)

    @router.get(AT + "/whole.jpg")
    async def whole(session_id: str, number: str, user: CurrentUser) -> Response:
        """The frame as large as the preview is, for calibrating on it."""
        return await picture(session_id, _frame(number), user, whole=True)

    return router


def _frame(number: str) -> int:
    """Python reads no number of thousands of digits, and no video has so many frames."""
    if not (number.isascii() and number.isdigit() and len(number) <= 9):
        raise ApiError(404, "not_found", "The video has no such frame.")
    return int(number)


def _jpeg(state: AppState, session_id: str, frame: int, viewer: Account, whole: bool) -> bytes:
    from pushoff.video.images import crop_athlete, encode_jpeg
    from pushoff.video.preview import read_preview_images

    session_id = get_session(state.database, session_id, viewer).session_id
    read = load_analysis(state.storage, session_id)
    image = None
    if frame < len(read.boxes_px):
        with state.storage.local_copy(preview_key(session_id)) as path:
            image = read_preview_images(path, [frame]).get(frame)
    if image is None:
        raise ApiError(404, "not_found", f"The video has no frame {frame}.")
    if whole:
        return encode_jpeg(image)
    box = preview_box(read, frame, image.shape[1])
    return encode_jpeg(crop_athlete(image, box), quality=80)
