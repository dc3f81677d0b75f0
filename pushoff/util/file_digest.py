"""SHA-256 of files."""

import hashlib
from pathlib import Path

from pushoff.errors import BadInput


def sha256_of(path: Path) -> str:
    """The SHA-256 of the file's bytes, 64 hex digits. Raises BadInput when it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror or error}") from None
