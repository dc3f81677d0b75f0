"""Single frames of a session's preview as JPEG: cropped to the athlete, or whole."""

import asyncio

from fastapi import APIRouter, Response

from backend.coach.auth.session_auth import HOME, CurrentUser
from backend.errors import ApiError
from backend.state import AppState
from pushoff.coach.accounts import Account
from pushoff.coach.session_files import load_analysis, preview_key
from pushoff.coach.sessions import get_session
from pushoff.coach.strip_images import preview_box

PATH = f"{HOME}/sessions/{{session_id}}/frames/{{number}}"
MAX_DECODERS = 2
"""Frames decoded at once: the page of ten push-offs requests fifty."""
MAX_DIGITS = 9
CACHE = {"Cache-Control": "private, max-age=3600"}
"""Not for longer: a new analysis may track the athlete better."""


def routes(state: AppState) -> APIRouter:
    """JPEGs by frame number."""
    router = APIRouter()
    decoders = asyncio.Semaphore(MAX_DECODERS)

    async def respond(session_id: str, frame: int, user: Account, whole: bool) -> Response:
        async with decoders:
            jpeg = await asyncio.to_thread(_jpeg, state, session_id, frame, user, whole)
        return Response(jpeg, media_type="image/jpeg", headers=CACHE)

    @router.get(PATH + ".jpg")
    async def athlete(session_id: str, number: str, user: CurrentUser) -> Response:
        """The crop of the athlete, in the size of a film strip."""
        return await respond(session_id, _parse_frame(number), user, whole=False)

    @router.get(PATH + "/whole.jpg")
    async def whole(session_id: str, number: str, user: CurrentUser) -> Response:
        """The whole frame in the size of the preview, for calibration."""
        return await respond(session_id, _parse_frame(number), user, whole=True)

    return router


def _parse_frame(number: str) -> int:
    """Raises ApiError 404; `int` itself fails for thousands of digits."""
    if not (number.isascii() and number.isdigit() and len(number) <= MAX_DIGITS):
        raise ApiError(404, "not_found", f"The video has no frame {number[:40]!r}.")
    return int(number)


def _jpeg(state: AppState, session_id: str, frame: int, user: Account, whole: bool) -> bytes:
    from pushoff.video.images import crop_athlete, encode_jpeg
    from pushoff.video.preview import read_preview_images

    session_id = get_session(state.database, session_id, user).session_id
    analysis = load_analysis(state.storage, session_id)
    image = None
    if frame < len(analysis.boxes_px):
        with state.storage.local_copy(preview_key(session_id)) as path:
            image = read_preview_images(path, [frame]).get(frame)
    if image is None:
        raise ApiError(404, "not_found", f"The video has no frame {frame}.")
    if whole:
        return encode_jpeg(image)
    box = preview_box(analysis, frame, image.shape[1])
    return encode_jpeg(crop_athlete(image, box), quality=80)
