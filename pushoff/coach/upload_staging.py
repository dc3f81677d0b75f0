"""The folder of unfinished uploads on this machine: one sub-folder for each session.

The bytes of chapter k are in `<session id>/<k>`. The size of that file is the number of bytes
received, so the two cannot disagree after a crash. `chapters.json` lists the declared chapters.
"""

import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from json import JSONDecodeError, dumps, loads
from pathlib import Path

from pydantic import TypeAdapter

from pushoff.errors import StorageFailed
from pushoff.util.atomic_write import write_atomic
from pushoff.util.ids import check_session_id, is_id
from pushoff.util.json_input import validate

_CHAPTERS = "chapters.json"
_DONE = "done"


@dataclass(frozen=True)
class Chapter:
    """One file of a video, as the coach's device describes it."""

    name: str
    size_bytes: int
    modified_ms: int
    """Milliseconds since 1970; with name and size it identifies the file."""


_CHAPTER_LIST = TypeAdapter(list[Chapter])


class UploadStaging:
    """The folder of unfinished uploads. Every method raises Unsafe for an invalid session id."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def declare(self, session_id: str, chapters: Sequence[Chapter]) -> None:
        """Store the list of chapters that will be uploaded. Raises StorageFailed."""
        data = dumps([asdict(chapter) for chapter in chapters]).encode()
        write_atomic(self.folder(session_id) / _CHAPTERS, data)

    def declared(self, session_id: str) -> list[Chapter]:
        """The declared chapters, in order; empty if the session has no folder here.

        Raises StorageFailed when the list is damaged.
        """
        try:
            data = loads((self.folder(session_id) / _CHAPTERS).read_bytes())
        except FileNotFoundError:
            return []
        except (OSError, JSONDecodeError, UnicodeDecodeError) as error:
            raise StorageFailed(f"{_CHAPTERS} of upload {session_id} is damaged: {error}") from None
        what = f"{_CHAPTERS} of upload {session_id}"
        return validate(_CHAPTER_LIST, data, what, StorageFailed)

    def path(self, session_id: str, number: int) -> Path:
        """The file that holds the bytes of a chapter (counted from zero)."""
        return self.folder(session_id) / f"{int(number):03d}"

    def staged_bytes(self, session_id: str, number: int) -> int:
        """Bytes of a chapter in this folder."""
        try:
            return self.path(session_id, number).stat().st_size
        except FileNotFoundError:
            return 0

    def mark_done(self, session_id: str) -> None:
        """Record that every chapter has been moved to storage."""
        folder = self.folder(session_id)
        if folder.is_dir():
            (folder / _DONE).touch()

    def is_done(self, session_id: str) -> bool:
        """Whether every chapter has been moved to storage."""
        return (self.folder(session_id) / _DONE).exists()

    def sessions(self) -> list[str]:
        """Ids of the sessions that have a folder."""
        if not self._folder.is_dir():
            return []
        return sorted(entry.name for entry in self._folder.iterdir() if is_id(entry.name))

    def last_modified_s(self, session_id: str) -> float | None:
        """When bytes were last received, in seconds since 1970; None without a folder."""
        try:
            return max(entry.stat().st_mtime for entry in self.folder(session_id).iterdir())
        except (FileNotFoundError, ValueError):
            return None

    def delete(self, session_id: str) -> None:
        """Delete the session's folder, if there is one."""
        shutil.rmtree(self.folder(session_id), ignore_errors=True)

    def free_bytes(self) -> int:
        """Free disk space, less what the declared chapters still need."""
        self._folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(self._folder).free
        for session_id in self.sessions():
            if not self.is_done(session_id):
                for number, chapter in enumerate(self.declared(session_id)):
                    free -= max(chapter.size_bytes - self.staged_bytes(session_id, number), 0)
        return free

    def folder(self, session_id: str) -> Path:
        """The folder of one session's files."""
        return self._folder / check_session_id(session_id)
