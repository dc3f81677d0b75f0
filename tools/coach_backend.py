"""A backend process with a signed-in coach, for benchmarks and screenshots."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from backend.coach.auth.session_auth import COOKIE, csrf_of
from pushoff.coach.accounts import Account, Role, add_account, authenticate
from pushoff.services import Services
from pushoff.settings import Settings

COACH = "coach"
PASSWORD = "password of a throw-away backend"


@dataclass(frozen=True)
class CoachBackend:
    """A running backend; `client` is signed in as `account`."""

    client: httpx.Client
    account: Account
    services: Services
    """Services on the same data folder, outside the process."""
    process_id: int


@contextmanager
def coach_backend(folder: Path, **more: str) -> Iterator[CoachBackend]:
    """Run a backend with its data in `folder` and its own settings; stopped at the end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    values = {
        "data_dir": str(folder.absolute() / "data"),
        "backend_password": "benchmark-basic",
        "webhook_secret": "benchmark-webhook",
        "job_secret": "benchmark-jobs",
        **more,
    }
    others = {name: value for name, value in os.environ.items() if not name.startswith("PUSHOFF_")}
    env = {**others, **{f"PUSHOFF_{name.upper()}": value for name, value in values.items()}}
    services = Services(Settings(_env_file=None, **values))
    account = add_account(services.database, COACH, Role.COACH, PASSWORD)
    found = authenticate(services.database, account.name, PASSWORD)
    assert found is not None
    command = [sys.executable, "-m", "backend.app", "--port", str(port)]
    with (folder / "backend.log").open("wb") as log:
        process = subprocess.Popen(command, env=env, stdout=log, stderr=log)
    client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=120)
    client.cookies.set(COOKIE, found[1], path="/coach")
    client.headers["X-CSRF-Token"] = csrf_of(found[1])
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                client.get("/livez")
                break
            except httpx.TransportError:
                assert time.monotonic() < deadline, (folder / "backend.log").read_text()
                time.sleep(0.1)
        yield CoachBackend(client, account, services, process.pid)
    finally:
        client.close()
        process.kill()
        process.wait()
        services.database.close()
