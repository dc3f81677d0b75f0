"""Videos on their way in: a folder for each session that is being uploaded, on this machine.

The bytes of chapter k lie in `<session id>/<k>`; how many there are is the file's own size, so
nothing can disagree with it after a crash. `chapters.json` says what is expected.
"""

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from pushoff.errors import StorageFailed
from pushoff.util.atomic_write import write_atomic
from pushoff.util.ids import check_session_id

_EXPECTED = "chapters.json"
_DONE = "done"


@dataclass(frozen=True)
class Chapter:
    """One file of a video, as the coach's device tells of it."""

    name: str
    size_bytes: int
    modified_ms: int
    """Milliseconds since 1970; with name and size it tells whether a file is the same one."""


class UploadStaging:
    """The folder of unfinished uploads. Every method raises Unsafe for what is not an id."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def expect(self, session_id: str, chapters: Sequence[Chapter]) -> None:
        """Note what will come. Raises StorageFailed."""
        data = json.dumps([asdict(chapter) for chapter in chapters]).encode()
        write_atomic(self.folder(session_id) / _EXPECTED, data)

    def expected(self, session_id: str) -> list[Chapter]:
        """What will come; empty when nothing is known of the session here."""
        try:
            told = json.loads((self.folder(session_id) / _EXPECTED).read_text())
        except FileNotFoundError:
            return []
        except (OSError, ValueError) as error:
            raise StorageFailed(f"an upload's folder is damaged: {error}") from None
        return [Chapter(**one) for one in told]

    def path(self, session_id: str, number: int) -> Path:
        """Where the bytes of a chapter (from zero) are put."""
        return self.folder(session_id) / f"{int(number):03d}"

    def arrived_bytes(self, session_id: str, number: int) -> int:
        """How much of a chapter is here."""
        try:
            return self.path(session_id, number).stat().st_size
        except FileNotFoundError:
            return 0

    def mark_done(self, session_id: str) -> None:
        """All of it has gone on to the storage; who asks how much is there hears: everything."""
        folder = self.folder(session_id)
        if folder.is_dir():
            (folder / _DONE).touch()

    def is_done(self, session_id: str) -> bool:
        """Whether all of it has gone on."""
        return (self.folder(session_id) / _DONE).exists()

    def sessions(self) -> list[str]:
        """Ids of the sessions that have a folder."""
        if not self._folder.is_dir():
            return []
        return sorted(entry.name for entry in self._folder.iterdir() if len(entry.name) == 16)

    def last_modified_s(self, session_id: str) -> float | None:
        """When bytes last came, seconds since 1970; None where there is no folder."""
        try:
            return max(entry.stat().st_mtime for entry in self.folder(session_id).iterdir())
        except (FileNotFoundError, ValueError):
            return None

    def delete(self, session_id: str) -> None:
        """Remove the folder; nothing happens when there is none."""
        shutil.rmtree(self.folder(session_id), ignore_errors=True)

    def free_bytes(self) -> int:
        """What the disk still holds once all that is expected has come."""
        self._folder.mkdir(parents=True, exist_ok=True)
        room = shutil.disk_usage(self._folder).free
        for session_id in self.sessions():
            if not self.is_done(session_id):
                for number, chapter in enumerate(self.expected(session_id)):
                    room -= max(chapter.size_bytes - self.arrived_bytes(session_id, number), 0)
        return room

    def folder(self, session_id: str) -> Path:
        """Where a session's files arrive."""
        return self._folder / check_session_id(session_id)
