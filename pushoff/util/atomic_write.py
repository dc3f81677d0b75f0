"""A file is written wholly or not at all: beside its place, flushed to disk, then renamed."""

import os
import tempfile
from pathlib import Path

from pushoff.errors import StorageFailed


def write_atomic(path: Path, data: bytes) -> None:
    """Write `data` to `path`; whoever reads sees the old bytes or the new. Raises StorageFailed."""
    temporary: str | None = None
    try:
        handle, temporary = tempfile.mkstemp(
            prefix=f".{path.name}.", suffix=".tmp", dir=path.parent
        )
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            os.fchmod(file.fileno(), 0o644)  # mkstemp's 0600 would hide it from the backend's user
            file.flush()
            os.fsync(file.fileno())
        publish(Path(temporary), path)
    except OSError as error:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
        raise StorageFailed(f"{path} could not be written: {error.strerror or error}") from error


def publish(temporary: Path, path: Path) -> None:
    """Rename a finished file of the same folder into place and make the rename durable."""
    temporary.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def sweep(folder: Path) -> None:
    """Remove what an interrupted `write_atomic` left in `folder`."""
    for leftover in folder.glob(".*.tmp"):
        leftover.unlink(missing_ok=True)
