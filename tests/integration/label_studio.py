"""A real Label Studio for the tests: its own data folder, port and log; nothing is left behind.

A migrated database is kept once per machine and version in the temporary folder (20 s saved per
start); it holds no user and no secret.
"""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from pushoff.studio.predictions import FAST_IMPORT

ENVIRONMENT = Path(__file__).parents[2] / ".venv-label-studio"
COMMAND = ENVIRONMENT / "bin" / "label-studio"
START_S = 180.0
"""Longest start on a busy two-core machine, with migrations."""


class LabelStudioMissing(Exception):
    """Label Studio's environment is not installed beside this checkout."""


@dataclass
class LabelStudioServer:
    """A running Label Studio and the credentials of its only user."""

    url: str
    legacy_token: str
    email: str
    password: str
    log_path: Path
    process: subprocess.Popen
    storage_root: Path
    """Its LOCAL_FILES_DOCUMENT_ROOT."""
    _pat: str = field(default="", repr=False)

    def pat(self) -> str:
        """The user's personal access token (a refresh token), made on first use."""
        if not self._pat:
            made = httpx.post(f"{self.url}/api/token/", headers=self.headers, timeout=30)
            made.raise_for_status()
            self._pat = made.json()["token"]
        return self._pat

    @property
    def headers(self) -> dict[str, str]:
        """Headers of a request that does not go through our own client."""
        return {"Authorization": f"Token {self.legacy_token}"}


@contextmanager
def start_label_studio(
    data_dir: Path,
    storage_root: Path,
    port: int | None = None,
    environment: Mapping[str, str] | None = None,
) -> Iterator[LabelStudioServer]:
    """Start, wait until it answers, and stop. `environment` overrides single variables.

    Raises LabelStudioMissing, and RuntimeError with the log's end when it does not come up.
    """
    if not COMMAND.exists():
        raise LabelStudioMissing(f"{COMMAND} is not installed: run `make setup`")
    data_dir.mkdir(parents=True, exist_ok=True)
    storage_root.mkdir(parents=True, exist_ok=True)
    if not (data_dir / "label_studio.sqlite3").exists():
        shutil.copy(_migrated_database(), data_dir / "label_studio.sqlite3")
    port = port or _free_port()
    token, password, email = secrets.token_hex(20), secrets.token_hex(8), "annotator@example.org"
    variables = _variables(data_dir) | {
        "LOCAL_FILES_SERVING_ENABLED": "true",
        "LOCAL_FILES_DOCUMENT_ROOT": str(storage_root),
        "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "true",
        "LABEL_STUDIO_USERNAME": email,
        "LABEL_STUDIO_PASSWORD": password,
        "LABEL_STUDIO_USER_TOKEN": token,
    }
    log_path = data_dir / "label-studio.log"
    command = [COMMAND, "start", "--no-browser", "--internal-host", "127.0.0.1"]
    with log_path.open("ab") as log:
        process = subprocess.Popen(
            [*command, "--port", str(port)],
            cwd=data_dir,
            env=variables | dict(environment or {}),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    server = LabelStudioServer(
        f"http://127.0.0.1:{port}", token, email, password, log_path, process, storage_root
    )
    try:
        _wait(server)
        yield server
    finally:
        _stop(process)


def _variables(data_dir: Path) -> dict[str, str]:
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return inherited | {
        "LABEL_STUDIO_BASE_DATA_DIR": str(data_dir),
        "USE_DEFAULT_BANNED_SUBNETS": "false",
        "USER_ADDITIONAL_BANNED_SUBNETS": "169.254.0.0/16",
        "LATEST_VERSION_CHECK": "false",
        FAST_IMPORT: "true",
        "COLLECT_ANALYTICS": "false",
        "SENTRY_DSN": "",
        "FRONTEND_SENTRY_DSN": "",
        "PYTHONUNBUFFERED": "1",
        "PYTHONWARNINGS": "ignore",
    }


def _migrated_database() -> Path:
    """An empty database with all migrations run; made once, put in place atomically."""
    packages = next((ENVIRONMENT / "lib").glob("python3.*")) / "site-packages"
    version = next(packages.glob("label_studio-*.dist-info")).name.removesuffix(".dist-info")
    home = Path(tempfile.gettempdir()) / f"pushoff-tests-{os.getuid()}"
    home.mkdir(mode=0o700, exist_ok=True)
    if home.is_symlink() or home.stat().st_uid != os.getuid() or home.stat().st_mode & 0o077:
        raise RuntimeError(f"{home} is not a private folder of ours: remove it")
    template = home / f"{version}.sqlite3"
    if not template.exists():
        with tempfile.TemporaryDirectory(dir=home) as folder:
            made = subprocess.run(
                [ENVIRONMENT / "bin" / "python", packages / "label_studio/manage.py", "migrate"],
                cwd=folder,
                env=_variables(Path(folder)),
                capture_output=True,
                timeout=600,
            )
            if made.returncode:
                raise RuntimeError(f"migrating Label Studio failed: {made.stderr[-2000:]!r}")
            (Path(folder) / "label_studio.sqlite3").replace(template)
    return template


def _wait(server: LabelStudioServer) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and server.process.poll() is None:
        try:
            if httpx.get(f"{server.url}/health", timeout=2).is_success:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.2)
    end = server.log_path.read_text(errors="replace")[-3000:]
    raise RuntimeError(f"Label Studio did not come up at {server.url}:\n{end}")


def _stop(process: subprocess.Popen) -> None:
    for sign, wait_s in ((signal.SIGTERM, 10), (signal.SIGKILL, 10)):
        try:
            os.killpg(process.pid, sign)
            process.wait(wait_s)
            return
        except subprocess.TimeoutExpired:
            print(f"Label Studio {process.pid} is slow to stop", file=sys.stderr)
        except ProcessLookupError:
            process.wait(1)
            return


@contextmanager
def required_label_studio(folder: Path) -> Iterator[LabelStudioServer]:
    """A Label Studio in `folder`; one that is not installed fails in CI, and skips elsewhere."""
    try:
        with start_label_studio(folder / "data", folder / "storage") as server:
            yield server
    except LabelStudioMissing as missing:
        if os.environ.get("CI"):
            pytest.fail(str(missing))
        pytest.skip(str(missing))


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]
