"""A file of the storage as an answer, in parts where the browser asks so."""

from fastapi import Response
from fastapi.responses import FileResponse

from backend.errors import ApiError
from backend.state import AppState


def stored_file(state: AppState, key: str, kind: str) -> Response:
    """The bytes under a key that `pushoff.coach` made. Raises ApiError 404."""
    path = state.storage.local_path(key)
    if path is None:
        return Response(state.storage.read(key), media_type=kind)
    if not path.is_file():
        raise ApiError(404, "not_found", "There is no such picture or video yet.")
    return FileResponse(path, media_type=kind)
