"""Style and scripts: files of this package, open to everybody, for the sign-in page needs them."""

import gzip
import hashlib
from importlib.resources import files

from fastapi import APIRouter, Request, Response

from backend.coach.auth.session_auth import HOME

KINDS = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "txt": "text/plain; charset=utf-8",
}
_FOLDERS = (("static", ""), ("static/vendor", "vendor/"))


def routes() -> APIRouter:
    """One route for each file there is: no part of an address becomes a path."""
    router = APIRouter()
    for folder, prefix in _FOLDERS:
        place = files("backend.coach").joinpath(folder)
        for file in sorted(place.iterdir(), key=str) if place.is_dir() else ():
            kind = KINDS.get(file.name.rpartition(".")[2])
            if file.is_file() and kind:
                _serve(router, f"{HOME}/static/{prefix}{file.name}", file.read_bytes(), kind)
    return router


def _serve(router: APIRouter, address: str, content: bytes, kind: str) -> None:
    tag = f'W/"{hashlib.sha256(content).hexdigest()[:16]}"'  # weak: of both forms of the file
    packed = gzip.compress(content, mtime=0)
    # the browser asks each time whether a file has changed, so an update is never half seen
    headers = {"Cache-Control": "no-cache", "ETag": tag, "Vary": "Accept-Encoding"}

    @router.get(address)
    async def static(request: Request) -> Response:
        """The file, packed for browsers that unpack it, or word that the browser has it."""
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        if "gzip" in request.headers.get("accept-encoding", ""):
            told = {**headers, "Content-Encoding": "gzip"}
            return Response(packed, media_type=kind, headers=told)
        return Response(content, media_type=kind, headers=headers)
