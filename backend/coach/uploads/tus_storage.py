"""Bytes of an upload onto the disk, as tuspyserver asks for it: one writer at a time, no waiting.

How much of a file is there is its size on disk and nothing else, so a backend killed in the middle
of a request goes on where the bytes end.
"""

import asyncio
import errno
import fcntl
import os
import re
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from fastapi import HTTPException

from pushoff.coach.upload_staging import Chapter, UploadStaging
from pushoff.util.ids import ID_PATTERN

Result = TypeVar("Result")
THREADS = 4
"""Uploads written to the disk at the same moment; the others wait for their turn."""
_FULL = (errno.ENOSPC, errno.EDQUOT)
_UID = re.compile(rf"({ID_PATTERN})-([0-9]{{1,3}})")


def upload_id(session_id: str, number: int) -> str:
    """What the upload of a chapter is called in addresses."""
    return f"{session_id}-{number}"


def parse_upload_id(uid: str) -> tuple[str, int] | None:
    """(session, chapter), None for what is not the id of an upload."""
    found = _UID.fullmatch(uid)
    return (found[1], int(found[2])) if found else None


class TusStorage:
    """What tuspyserver calls a storage; only what HEAD and PATCH need of one.

    `held(session_id, number)`: bytes of that chapter that are here.
    """

    def __init__(self, staging: UploadStaging, held: Callable[[str, int], int]) -> None:
        self._staging, self._held = staging, held
        self._open: dict[str, _Appending] = {}
        self._threads = ThreadPoolExecutor(THREADS, "upload")

    def __deepcopy__(self, memo: object) -> "TusStorage":
        return self  # tuspyserver copies its options for every request

    async def exists(self, uid: str) -> bool:
        """Whether such a chapter is expected."""
        return await self._run(self._chapter, uid) is not None

    async def size(self, uid: str) -> int:
        """Bytes that are here."""
        return await self._run(self._held, *_parts(uid))

    async def read_info(self, uid: str) -> dict[str, Any] | None:
        """As tuspyserver's `TusUploadParams`."""
        chapter = await self._run(self._chapter, uid)
        if chapter is None:
            return None
        return {
            "metadata": {"filename": "upload", "filetype": "video"},  # names may be athletes'
            "size": chapter.size_bytes,
            "offset": await self.size(uid),
            "created_at": "",
            "expires": None,
        }

    async def write_info(self, uid: str, data: dict[str, Any]) -> None:
        """Nothing to keep: the file itself says how much is there."""

    @asynccontextmanager
    async def lock(self, uid: str) -> AsyncIterator[None]:
        """Be the one who writes. Raises HTTPException 423 when somebody else does already."""
        file = await self._run(_Appending, self._staging.path(*_parts(uid)))
        self._open[uid] = file
        try:
            yield
        finally:
            del self._open[uid]
            file.close()

    async def append(self, uid: str, chunk: bytes) -> None:
        """Put bytes at the end. Raises HTTPException 507 when the disk is full."""
        await self._run(self._open[uid].write, chunk)

    async def flush(self, uid: str) -> None:
        """Have the disk keep them, so that a promise outlives a power cut."""
        await self._run(self._open[uid].sync)

    async def finalize(self, uid: str) -> None:
        """Nothing: the completed file is taken on by `finish_upload`."""

    def location(self, uid: str) -> str:
        """What the completion hook is told."""
        return uid

    def _chapter(self, uid: str) -> Chapter | None:
        session_id, number = _parts(uid)
        chapters = self._staging.declared(session_id)
        return chapters[number] if number < len(chapters) else None

    async def _run(self, work: Callable[..., Result], *given: Any) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *given)


class _Appending:
    """One open file that only this request writes, in whichever thread."""

    def __init__(self, path: Path) -> None:
        self._busy = threading.Lock()  # a cancelled request closes while its thread still writes
        try:
            self._file = path.open("ab", buffering=0)
        except OSError as error:
            raise _in_words(error) from None
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._file.close()
            raise HTTPException(423) from None

    def write(self, chunk: bytes) -> None:
        left = memoryview(chunk)
        with self._busy:
            while left:
                try:
                    left = left[self._file.write(left) :]
                except OSError as error:
                    raise _in_words(error) from None

    def sync(self) -> None:
        with self._busy:
            os.fsync(self._file.fileno())

    def close(self) -> None:
        with self._busy:
            self._file.close()


def _parts(uid: str) -> tuple[str, int]:
    parts = parse_upload_id(uid)
    if parts is None:
        raise HTTPException(404)
    return parts


def _in_words(error: OSError) -> HTTPException:
    if error.errno == errno.ENOENT:  # cancelled in another tab
        return HTTPException(404)
    return HTTPException(507 if error.errno in _FULL else 500)
