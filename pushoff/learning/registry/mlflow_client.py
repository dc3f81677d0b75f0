"""Door to mlflow: quiet, without telemetry, one process at a time where it must be.

mlflow takes seconds to import, so nothing of it is imported before it is needed.
"""

import fcntl
import hashlib
import logging
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pushoff.errors import NoSuchModel, PushoffError, RegistryUnavailable

if TYPE_CHECKING:
    from mlflow import MlflowClient

_QUIET = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "MLFLOW_LOGGING_LEVEL": "WARNING",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "15",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "GIT_PYTHON_REFRESH": "quiet",
}


def open_client(uri: str) -> "MlflowClient":
    """A client whose store answers. Raises RegistryUnavailable.

    mlflow creates an SQLite file's tables by itself, in about 3 s; two processes doing so at once
    break each other, so the first use is behind a file lock.
    """
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    from mlflow import MlflowClient

    logging.getLogger("alembic").setLevel(logging.WARNING)
    if uri.startswith("sqlite"):
        _try_file(uri, Path(uri.partition(":///")[2]))
    with in_words(uri), exclusive(uri):
        client = MlflowClient(tracking_uri=uri, registry_uri=uri)
        client.search_registered_models(max_results=1)
    return client


def _try_file(uri: str, path: Path) -> None:
    """Open the file ourselves first: mlflow would try a broken one again for two minutes."""
    with in_words(uri):
        path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(path, timeout=10)) as connection:
            connection.execute("pragma schema_version")


@contextmanager
def in_words(uri: str) -> Iterator[None]:
    """mlflow's, sqlalchemy's and the file system's errors as RegistryUnavailable or NoSuchModel."""
    try:
        yield
    except PushoffError:
        raise
    except Exception as error:
        absent = "Registered model alias" in str(error)  # its code says "invalid value"
        if absent or getattr(error, "error_code", "") == "RESOURCE_DOES_NOT_EXIST":
            raise NoSuchModel(str(error)) from error
        if _is_foreign(error):
            first_line = (str(error).splitlines() or [""])[0][:300]
            raise RegistryUnavailable(
                f"the model registry at {without_password(uri)} does not answer as it should: "
                f"{type(error).__name__}: {first_line}. "
                "Check PUSHOFF_MLFLOW_URI."
            ) from error
        raise


def _is_foreign(error: Exception) -> bool:
    origin = type(error).__module__.partition(".")[0]
    return origin in {"mlflow", "sqlalchemy", "sqlite3", "requests", "urllib3", "alembic"} or (
        isinstance(error, OSError)
    )


def without_password(uri: str) -> str:
    """The URI as it may be shown and logged."""
    head, at, tail = uri.rpartition("@")
    return f"{head.partition('://')[0]}://***@{tail}" if at else uri


@contextmanager
def exclusive(uri: str) -> Iterator[None]:
    """One process of this machine at a time: a lock file beside an SQLite registry, else in /tmp.

    Between machines that share a server, the queue's commit lock does this.
    """
    if uri.startswith("sqlite"):
        path = Path(uri.partition(":///")[2] + ".lock")
    else:
        digest = hashlib.sha256(uri.encode()).hexdigest()[:16]
        path = Path(tempfile.gettempdir()) / f"pushoff-registry-{os.getuid()}-{digest}.lock"
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
