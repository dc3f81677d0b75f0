"""Style sheets and scripts of this package; no login needed, because the sign-in page uses them."""

import gzip
import hashlib
from importlib.resources import files

from fastapi import APIRouter, Request, Response

from backend.coach.auth.session_auth import HOME

MEDIA_TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "txt": "text/plain; charset=utf-8",
}
_FOLDERS = (("static", ""), ("static/vendor", "vendor/"))


def routes() -> APIRouter:
    """One route for each file: no part of a URL becomes a path."""
    router = APIRouter()
    for name, prefix in _FOLDERS:
        folder = files("backend.coach").joinpath(name)
        for file in sorted(folder.iterdir(), key=str) if folder.is_dir() else ():
            media_type = MEDIA_TYPES.get(file.name.rpartition(".")[2])
            if file.is_file() and media_type:
                path = f"{HOME}/static/{prefix}{file.name}"
                _add_file(router, path, file.read_bytes(), media_type)
    return router


def _add_file(router: APIRouter, path: str, content: bytes, media_type: str) -> None:
    etag = f'W/"{hashlib.sha256(content).hexdigest()[:16]}"'  # weak: of both encodings
    compressed = gzip.compress(content, mtime=0)
    # no-cache: the browser revalidates each time, so it never mixes files of two versions
    headers = {"Cache-Control": "no-cache", "ETag": etag, "Vary": "Accept-Encoding"}

    @router.get(path)
    async def static(request: Request) -> Response:
        """The file, compressed if the browser accepts gzip; 304 if the browser has it."""
        if request.headers.get("if-none-match") == etag:
            return Response(status_code=304, headers=headers)
        if "gzip" in request.headers.get("accept-encoding", ""):
            gzip_headers = {**headers, "Content-Encoding": "gzip"}
            return Response(compressed, media_type=media_type, headers=gzip_headers)
        return Response(content, media_type=media_type, headers=headers)
