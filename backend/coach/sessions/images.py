"""Single frames of a session as JPEG: the athlete or the whole picture of the preview, or the
whole picture of the video itself."""

import asyncio
from collections.abc import Callable

from fastapi import APIRouter, Response

from backend.coach.auth.session_auth import HOME, CurrentUser
from backend.errors import ApiError
from backend.state import AppState
from pushoff.coach.accounts import Account
from pushoff.coach.session_files import load_analysis, preview_key
from pushoff.coach.sessions import get_session
from pushoff.coach.strip_images import preview_box
from pushoff.storage.videos import is_stored, video_key

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

    async def respond(make: Callable[..., bytes], *what: object) -> Response:
        async with decoders:
            jpeg = await asyncio.to_thread(make, state, *what)
        return Response(jpeg, media_type="image/jpeg", headers=CACHE)

    @router.get(PATH + ".jpg")
    async def athlete(session_id: str, number: str, user: CurrentUser) -> Response:
        """The crop of the athlete, in the size of a film strip."""
        return await respond(_jpeg, session_id, _parse_frame(number), user, False)

    @router.get(PATH + "/whole.jpg")
    async def whole(session_id: str, number: str, user: CurrentUser) -> Response:
        """The whole frame in the size of the preview, which is there at once."""
        return await respond(_jpeg, session_id, _parse_frame(number), user, True)

    @router.get(PATH + "/native.jpg")
    async def native(session_id: str, number: str, user: CurrentUser) -> Response:
        """The whole frame with every pixel of the video, to place a mark exactly; takes seconds."""
        return await respond(_native_jpeg, session_id, _parse_frame(number), user)

    return router


def _parse_frame(number: str) -> int:
    """Raises ApiError 404; `int` itself fails for thousands of digits."""
    if not (number.isascii() and number.isdigit() and len(number) <= MAX_DIGITS):
        raise ApiError(404, "not_found", f"The video has no frame {number[:40]!r}.")
    return int(number)


def _native_jpeg(state: AppState, session_id: str, frame: int, user: Account) -> bytes:
    from pushoff.video.decoding.decode import decode
    from pushoff.video.images import encode_jpeg

    session = get_session(state.database, session_id, user)
    analysis = load_analysis(state.storage, session.session_id)
    video_id = session.video_id
    if frame < len(analysis.boxes_px) and video_id and is_stored(state.storage, video_id):
        with state.storage.local_copy(video_key(video_id)) as path:
            for decoded in decode(path, analysis.info, indices=[frame]).frames():
                return encode_jpeg(decoded.image, quality=90)
    raise ApiError(404, "not_found", f"The video has no frame {frame}.")


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
