"""Files under keys: in one folder of this machine, or in a bucket. Door: fsspec."""

import errno
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import fsspec

from pushoff.errors import StorageFailed, Unsafe
from pushoff.util.atomic_write import open_atomic, rename_durably
from pushoff.util.canonical_json import canonical_json

KEY_LIMIT = 512
"""Longest key, characters."""
NAME_LIMIT = 200
"""Longest part between two slashes, UTF-8 bytes: a file system's 255, less a temporary name."""


def check_key(key: str) -> str:
    """Return the key if it names something inside the storage. Raises Unsafe otherwise.

    A key is a relative POSIX path without `..`, empty or hidden parts, backslashes or control
    characters. Hidden names are reserved for files that are being written.
    """
    try:
        parts = key.encode().decode().split("/")
    except (UnicodeError, AttributeError):
        raise Unsafe(f"{key!r} is not a storage key: it is not text") from None
    if len(key) > KEY_LIMIT or any(len(part.encode()) > NAME_LIMIT for part in parts):
        raise Unsafe(f"{key[:40]!r}... is not a storage key: it is too long")
    if any(not part or part.startswith(".") for part in parts):
        raise Unsafe(f"{key!r} is not a storage key: empty, hidden, `.` and `..` parts are refused")
    if "\\" in key or any(ord(character) < 32 or ord(character) == 127 for character in key):
        raise Unsafe(
            f"{key!r} is not a storage key: backslashes and control characters are refused"
        )
    return key


class Storage:
    """Bytes under keys, in a folder (`/path`, `file:///path`) or a bucket (`s3://bucket/prefix`).

    Every write is atomic: a reader sees the old bytes or the new ones, never half.
    Every method raises Unsafe for a key outside, and StorageFailed when the disk or bucket fails.
    """

    def __init__(self, url: str, scratch: Path | None = None) -> None:
        """`scratch`: folder on disk for copies from a bucket; None: the system's temporary one."""
        self.url = url
        self._scratch = scratch
        self._root: Path | None = None
        if "://" not in url or url.startswith("file://"):
            self._root = Path(urlsplit(url).path if "://" in url else url).absolute()
        else:
            with translate_os_errors(url):
                self._bucket, self._prefix = fsspec.core.url_to_fs(url)

    def local_path(self, key: str) -> Path | None:
        """The file's path on this machine; None when it is in a bucket."""
        key = check_key(key)
        if self._root is None:
            return None
        path = self._root / key
        if not path.resolve().is_relative_to(self._root.resolve()):
            raise Unsafe(f"{key!r} is a link to a place outside the storage")
        return path

    def uri(self, key: str) -> str:
        """`s3://bucket/prefix/key`, or the file's absolute path."""
        path = self.local_path(key)
        return str(path) if path else f"{self.url.rstrip('/')}/{key}"

    def write(self, key: str, data: bytes) -> None:
        """Store the bytes, replacing earlier ones."""
        path = self.local_path(key)
        with translate_os_errors(key):
            if path is None:
                self._bucket.pipe_file(self._remote(key), data)
            else:
                with open_atomic(path) as out:
                    out.write(data)

    def write_file(self, key: str, source: Path) -> None:
        """Store a file's bytes, streamed, replacing earlier ones."""
        path = self.local_path(key)
        with translate_os_errors(key):
            if path is None:
                self._bucket.put_file(str(source), self._remote(key))
            else:
                with source.open("rb") as source_file, open_atomic(path) as out:
                    shutil.copyfileobj(source_file, out, 2**20)

    def take_file(self, key: str, source: Path) -> None:
        """Move a file into the storage: renamed on the same disk, otherwise copied and deleted.

        When the source does not exist but the key does, it has been moved already: nothing happens.
        """
        path = self.local_path(key)
        with translate_os_errors(key):
            try:
                if path is not None and _rename(source, path):
                    return
                self.write_file(key, source)
            except (FileNotFoundError, StorageFailed):
                if source.exists() or not self.exists(key):
                    raise
            source.unlink(missing_ok=True)

    def write_json(self, key: str, value: Any) -> None:
        """Store a value as canonical JSON. Raises BadInput when it cannot be written as JSON."""
        self.write(key, canonical_json(value))

    def read(self, key: str) -> bytes:
        """The stored bytes. Raises StorageFailed when there are none."""
        path = self.local_path(key)
        with translate_os_errors(key):
            return self._bucket.cat_file(self._remote(key)) if path is None else path.read_bytes()

    def read_json(self, key: str) -> Any:
        """The stored value. Raises StorageFailed when there is none, or when it is not JSON."""
        try:
            return json.loads(self.read(key))
        except ValueError:
            raise StorageFailed(
                f"{key} in {self.url} is damaged: it is not JSON", code="invalid_json"
            ) from None

    def exists(self, key: str) -> bool:
        """Whether bytes are stored under the key."""
        path = self.local_path(key)
        with translate_os_errors(key):
            return self._bucket.isfile(self._remote(key)) if path is None else path.is_file()

    def size(self, key: str) -> int:
        """Stored bytes. Raises StorageFailed when there are none."""
        path = self.local_path(key)
        with translate_os_errors(key):
            return self._bucket.size(self._remote(key)) if path is None else path.stat().st_size

    def list(self, prefix: str = "") -> list[str]:
        """Keys below the folder `prefix`, sorted, without files that are being written."""
        with translate_os_errors(prefix):
            keys = (
                self._keys_in_bucket(prefix) if self._root is None else self._keys_on_disk(prefix)
            )
        return sorted(key for key in keys if not key.rpartition("/")[2].startswith("."))

    def _keys_in_bucket(self, prefix: str) -> Iterable[str]:
        base = f"{self._prefix.rstrip('/')}/"
        self._bucket.invalidate_cache()
        names = self._bucket.find(self._remote(prefix) if prefix else self._prefix)
        return [name.removeprefix(base) for name in names]

    def _keys_on_disk(self, prefix: str) -> Iterable[str]:
        top = self.local_path(prefix) if prefix else self._root
        if self._root is None or top is None:
            return []
        files = (Path(folder) / name for folder, _, names in os.walk(top) for name in names)
        return [path.relative_to(self._root).as_posix() for path in files]

    def delete(self, key: str) -> None:
        """Delete the bytes; nothing happens when there are none."""
        path = self.local_path(key)
        with translate_os_errors(key):
            if path is not None:
                path.unlink(missing_ok=True)
            elif self._bucket.isfile(self._remote(key)):
                self._bucket.rm_file(self._remote(key))

    @contextmanager
    def local_copy(self, key: str) -> Iterator[Path]:
        """The bytes as a file to read: the stored file, or a copy that is deleted afterwards."""
        path = self.local_path(key)
        if path is not None:
            if not path.is_file():
                raise StorageFailed(f"Nothing is stored as {key} in {self.url}", code="not_stored")
            yield path
            return
        with tempfile.TemporaryDirectory(prefix="pushoff-", dir=self._scratch) as folder:
            copy = Path(folder) / key.rpartition("/")[2]
            with translate_os_errors(key):
                self._bucket.get_file(self._remote(key), str(copy))
            yield copy

    def _remote(self, key: str) -> str:
        return f"{self._prefix.rstrip('/')}/{check_key(key)}"


def _rename(source: Path, path: Path) -> bool:
    """Move a file onto another name of the same disk; False when that is another disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with source.open("rb") as file:
        os.fsync(file.fileno())
    try:
        rename_durably(source, path)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        return False
    return True


_FAILURES = {
    errno.ENOSPC: ("disk_full", "the disk is full: free some space"),
    errno.EDQUOT: ("disk_full", "the disk quota is used up: free some space"),
    errno.EROFS: ("read_only", "the file system is read-only"),
    errno.EACCES: ("no_permission", "no permission: check the owner of the storage folder"),
    errno.EPERM: ("no_permission", "no permission: check the owner of the storage folder"),
    errno.EIO: ("disk_error", "input/output error of the disk"),
    errno.ENOENT: ("not_stored", "nothing is stored there"),
}
"""Code and sentence by the system's error number."""


@contextmanager
def translate_os_errors(key: str) -> Iterator[None]:
    """Turn errors of the file system or bucket into StorageFailed."""
    try:
        yield
    except OSError as error:
        unknown = ("", error.strerror or str(error))
        code, reason = _FAILURES.get(error.errno or 0, unknown)
        raise StorageFailed(f"Storage failed at {key!r}: {reason}", code=code) from error
    except (ImportError, ValueError) as error:
        raise StorageFailed(f"Storage failed at {key!r}: {error}") from error
    except Exception as error:
        if not type(error).__module__.startswith(("botocore", "aiobotocore", "aiohttp")):
            raise
        raise StorageFailed(f"Storage failed at {key!r}: bucket error: {error}") from error
