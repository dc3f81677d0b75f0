"""Atomic file writes: a reader sees the old bytes or the new ones, also after a power failure.

The new content goes to a hidden file in the same folder, is flushed to disk, and is renamed over
the target; then the folder itself is flushed, which makes the rename durable.
"""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from pushoff.errors import StorageFailed


def write_atomic(path: Path, data: bytes, mode: int = 0o666) -> None:
    """Replace the content of `path` with `data`, creating missing parent folders.

    `mode` holds the permissions of the file before the umask. Raises StorageFailed.
    """
    try:
        with open_atomic(path, mode) as file:
            file.write(data)
    except OSError as error:
        raise StorageFailed(f"{path} could not be written: {error.strerror or error}") from error


@contextmanager
def open_atomic(path: Path, mode: int = 0o666) -> Iterator[IO[bytes]]:
    """A binary file to write to; it replaces `path` when the block ends without an exception.

    Missing parent folders are created. Raises OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex[:12]}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        rename_durably(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def rename_durably(source: Path, target: Path) -> None:
    """Rename a complete file on the same disk and flush the target's folder. Raises OSError."""
    source.replace(target)
    folder = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def remove_temporary_files(folder: Path) -> None:
    """Remove what interrupted writes left in `folder`."""
    for temporary in folder.glob(".*.tmp"):
        temporary.unlink(missing_ok=True)
