"""The only module that opens MLflow: quiet, without telemetry, its errors translated.

MLflow takes seconds to import, so it is imported only when it is needed.
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
    from mlflow.entities.model_registry import ModelVersion

_ENVIRONMENT = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "MLFLOW_LOGGING_LEVEL": "WARNING",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "15",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "GIT_PYTHON_REFRESH": "quiet",
}
_PAGE = 200
_LIBRARIES = {"mlflow", "sqlalchemy", "sqlite3", "requests", "urllib3", "alembic"}
"""Packages whose exceptions mean that the registry does not work."""


def preload() -> None:
    """Import MLflow before it is needed, for a process that forks."""
    _set_environment()
    import mlflow.artifacts  # noqa: F401


def _set_environment() -> None:
    """MLflow reads these when it is imported."""
    for name, value in _ENVIRONMENT.items():
        os.environ.setdefault(name, value)


def open_client(uri: str) -> "MlflowClient":
    """A client of a registry that answers. Raises RegistryUnavailable.

    MLflow creates an SQLite file's tables itself, in about 3 s. Two processes doing so at once
    break each other, so a file lock guards the first use.
    """
    _set_environment()
    from mlflow import MlflowClient

    logging.getLogger("alembic").setLevel(logging.WARNING)
    if uri.startswith("sqlite"):
        _check_sqlite_file(uri, Path(uri.partition(":///")[2]))
    with translate_mlflow_errors(uri), file_lock(uri):
        client = MlflowClient(tracking_uri=uri, registry_uri=uri)
        client.search_registered_models(max_results=1)
    return client


def _check_sqlite_file(uri: str, path: Path) -> None:
    """Open the file before MLflow does, which retries a broken one for two minutes."""
    with translate_mlflow_errors(uri):
        path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(path, timeout=10)) as connection:
            connection.execute("pragma schema_version")


def version_by_alias(client: "MlflowClient", name: str, alias: str) -> "ModelVersion | None":
    """The version of model `name` that has the alias, by one request; None without one."""
    from mlflow.exceptions import MlflowException

    try:
        return client.get_model_version_by_alias(name, alias)
    except MlflowException as error:
        # name and alias are always well formed here, so an "invalid value" is an unknown alias
        if error.error_code in ("INVALID_PARAMETER_VALUE", "RESOURCE_DOES_NOT_EXIST"):
            return None
        raise


def search_versions(client: "MlflowClient", query: str) -> "list[ModelVersion]":
    """All model versions that match, in MLflow's filter language."""
    versions: list[ModelVersion] = []
    token = None
    while True:
        page = client.search_model_versions(query, max_results=_PAGE, page_token=token)
        versions += page
        token = page.token
        if not token:
            return versions


def download(uri: str, source: str, folder: Path) -> Path:
    """Copy a version's files from MLflow's address `source` into `folder`; returns where they
    are."""
    from mlflow.artifacts import download_artifacts

    return Path(download_artifacts(artifact_uri=source, dst_path=str(folder), tracking_uri=uri))


@contextmanager
def translate_mlflow_errors(uri: str) -> Iterator[None]:
    """Errors of MLflow, its database and its files become RegistryUnavailable or NoSuchModel."""
    try:
        yield
    except PushoffError:
        raise
    except Exception as error:
        if getattr(error, "error_code", "") == "RESOURCE_DOES_NOT_EXIST":
            raise NoSuchModel(str(error)) from error
        package = type(error).__module__.partition(".")[0]
        if package in _LIBRARIES or isinstance(error, OSError):
            first_line = (str(error).splitlines() or [""])[0][:300]
            raise RegistryUnavailable(
                f"The model registry at {without_password(uri)} failed: "
                f"{type(error).__name__}: {first_line}.",
                remedy="Check PUSHOFF_MLFLOW_URI.",
            ) from error
        raise


def without_password(uri: str) -> str:
    """The URI without user and password, for messages and logs."""
    head, at, tail = uri.rpartition("@")
    return f"{head.partition('://')[0]}://***@{tail}" if at else uri


@contextmanager
def file_lock(uri: str) -> Iterator[None]:
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
