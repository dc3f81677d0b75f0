"""The tus protocol over the staging folder: one writer per file. Door: tuspyserver.

The number of bytes received is the size of the file on disk, so an upload continues at the right
byte after a crash in the middle of a request.
"""

import asyncio
import errno
import fcntl
import os
import re
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import Executor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from fastapi import APIRouter, HTTPException
from fastapi.routing import APIRoute
from tuspyserver import create_tus_router
from tuspyserver.storage import TusStorage

from pushoff.coach.upload_staging import Chapter, UploadStaging
from pushoff.util.ids import ID_PATTERN

Result = TypeVar("Result")
_DISK_FULL = (errno.ENOSPC, errno.EDQUOT)
_UPLOAD_ID = re.compile(rf"({ID_PATTERN})-([0-9]{{1,3}})")


def upload_id(session_id: str, number: int) -> str:
    """The id of a chapter's upload in URLs."""
    return f"{session_id}-{number}"


def parse_upload_id(uid: str) -> tuple[str, int] | None:
    """(session id, chapter number); None for an invalid id."""
    match = _UPLOAD_ID.fullmatch(uid)
    return (match[1], int(match[2])) if match else None


def tus_routes(
    prefix: str,
    storage: TusStorage,
    max_bytes: int,
    on_complete: Callable[[str, dict[str, str]], Awaitable[None]],
) -> APIRouter:
    """HEAD and PATCH of uploads; `on_complete(upload id, metadata)` is called at the last byte."""

    async def completion_hook() -> Callable[[str, dict[str, str]], Awaitable[None]]:
        return on_complete

    router = create_tus_router(
        prefix=prefix,
        max_size=max_bytes,
        # the function may be async, which the library's types do not say
        upload_complete_dep=completion_hook,  # type: ignore[arg-type]
        storage=storage,
    )
    router.routes[:] = [
        route
        for route in router.routes
        if isinstance(route, APIRoute) and route.methods and route.methods <= {"HEAD", "PATCH"}
    ]
    return router


class StagedUploads(TusStorage):
    """The staging folder as tuspyserver's storage. Only HEAD and PATCH are served.

    `received(session_id, number)`: bytes of that chapter that the server has.
    """

    def __init__(
        self, staging: UploadStaging, received: Callable[[str, int], int], threads: Executor
    ) -> None:
        self._staging, self._received, self._threads = staging, received, threads
        self._open: dict[str, _LockedFile] = {}

    async def exists(self, uid: str) -> bool:
        """Whether the chapter is declared."""
        return await self._run(self._chapter, uid) is not None

    async def size(self, uid: str) -> int:
        """Bytes received."""
        return await self._run(self._received, *_require_upload_id(uid))

    async def read_info(self, uid: str) -> dict[str, Any] | None:
        """As tuspyserver's `TusUploadParams`."""
        chapter = await self._run(self._chapter, uid)
        if chapter is None:
            return None
        return {
            "metadata": {"filename": "upload", "filetype": "video"},  # names can be of athletes
            "size": chapter.size_bytes,
            "offset": await self.size(uid),
            "created_at": "",
            "expires": None,
        }

    async def write_info(self, uid: str, data: dict[str, Any]) -> None:
        """Nothing to store: the size of the file is the offset."""

    @asynccontextmanager
    async def lock(self, uid: str) -> AsyncIterator[None]:  # type: ignore[override]
        """Lock the file for writing. Raises HTTPException 423 if it is locked already."""
        file = await self._run(_LockedFile, self._staging.path(*_require_upload_id(uid)))
        self._open[uid] = file
        try:
            yield
        finally:
            del self._open[uid]
            file.close()

    async def append(self, uid: str, chunk: bytes) -> None:
        """Append bytes. Raises HTTPException 507 if the disk is full."""
        await self._run(self._open[uid].write, chunk)

    async def flush(self, uid: str) -> None:
        """Flush to disk, so that acknowledged bytes survive a power failure."""
        await self._run(self._open[uid].sync)

    async def finalize(self, uid: str) -> None:
        """Nothing to do: `finish_upload` moves the complete file."""

    async def create(self, uid: str) -> None:
        """Not served: uploads are declared by our own route."""
        raise HTTPException(405)

    async def read(self, uid: str) -> bytes | None:
        """Not served."""
        raise HTTPException(405)

    async def delete(self, uid: str) -> None:
        """Not served: uploads are cancelled by our own route."""
        raise HTTPException(405)

    async def list_uids(self) -> list[str]:
        """Empty: `prune_uploads` deletes interrupted uploads."""
        return []

    def location(self, uid: str) -> str:
        """The argument of the completion hook."""
        return uid

    def _chapter(self, uid: str) -> Chapter | None:
        session_id, number = _require_upload_id(uid)
        chapters = self._staging.declared(session_id)
        return chapters[number] if number < len(chapters) else None

    async def _run(self, function: Callable[..., Result], *arguments: Any) -> Result:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, function, *arguments)


class _LockedFile:
    """An open file with an exclusive lock; each call may come from another thread."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()  # a cancelled request closes it while its thread still writes
        try:
            self._file = path.open("ab", buffering=0)
        except OSError as error:
            raise _translate_os_error(error) from None
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._file.close()
            raise HTTPException(423) from None

    def write(self, chunk: bytes) -> None:
        rest = memoryview(chunk)
        with self._lock:
            while rest:
                try:
                    rest = rest[self._file.write(rest) :]
                except OSError as error:
                    raise _translate_os_error(error) from None

    def sync(self) -> None:
        with self._lock:
            os.fsync(self._file.fileno())

    def close(self) -> None:
        with self._lock:
            self._file.close()


def _require_upload_id(uid: str) -> tuple[str, int]:
    parsed = parse_upload_id(uid)
    if parsed is None:
        raise HTTPException(404)
    return parsed


def _translate_os_error(error: OSError) -> HTTPException:
    if error.errno == errno.ENOENT:  # cancelled in another tab
        return HTTPException(404)
    return HTTPException(507 if error.errno in _DISK_FULL else 500)
