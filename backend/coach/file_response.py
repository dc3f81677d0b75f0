"""A file of the storage as a response, with byte ranges for browsers that request them."""

from fastapi import Response
from fastapi.responses import FileResponse

from backend.errors import ApiError
from backend.state import AppState


def stored_file(state: AppState, key: str, media_type: str) -> Response:
    """The file under a key from `pushoff.coach`. Raises ApiError 404."""
    path = state.storage.local_path(key)
    if path is None:
        return Response(state.storage.read(key), media_type=media_type)
    if not path.is_file():
        raise ApiError(404, "not_found", "This image or video does not exist yet.")
    return FileResponse(path, media_type=media_type)
