"""A real backend in its own process, and real (tiny, random) models in a real registry."""

import base64
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import numpy as np
import psutil

from pushoff.learning.registry.registry import Registry
from pushoff.queue import JobQueue, connect
from pushoff.video.images import encode_jpeg
from tests.models import save_tiny_model

ROOT = Path(__file__).parents[2]
PASSWORD, WEBHOOK_SECRET, JOB_SECRET = "canary-password", "canary-webhook", "canary-jobs"
AUTH = ("label-studio", PASSWORD)
HOOK = {"X-Webhook-Secret": WEBHOOK_SECRET}
LABEL_CONFIG = (
    '<View><Image name="pic" value="$frame"/><Choices name="answer" toName="pic">'
    '<Choice value="Push off" alias="yes"/><Choice value="Not push off"/></Choices></View>'
)
"""Names unlike our own, so that nothing can be hard-coded."""
WHOLE = [0, 0, 48, 48]
"""The box of an athlete who fills the picture of `data_uri`."""


def register(registry: Registry, folder: Path, seed: int) -> str:
    """A new version of the model."""
    return registry.register(folder, save_tiny_model(folder, seed), plots={}, metrics={}, params={})


def data_uri(seed: int = 0, size_px: int = 48) -> str:
    """A random JPEG as a data: address."""
    pixels = np.random.default_rng(seed).integers(0, 255, (size_px, size_px, 3), np.uint8)
    return "data:image/jpeg;base64," + base64.b64encode(encode_jpeg(pixels)).decode()


def predict_body(tasks: list[object], project: str = "3.1795343383") -> dict[str, object]:
    """A /predict as Label Studio sends it."""
    params = {"login": None, "password": None, "context": None}
    return {
        "tasks": tasks,
        "project": project,
        "label_config": LABEL_CONFIG,
        "params": params,
    }


def task(task_id: int, address: object, box: object = WHOLE, **data: object) -> dict[str, object]:
    """A task as Label Studio sends it, as far as it matters; without `box` where that is None."""
    data |= {"frame": address} | ({} if box is None else {"box": box})
    return {"id": task_id, "data": data, "project": 3, "annotations": []}


@dataclass
class BackendServer:
    """A running backend."""

    url: str
    process: subprocess.Popen[bytes]
    log_path: Path
    data_dir: Path
    redis_url: str

    def client(self) -> httpx.Client:
        """With the right credentials. `verify` off: reading certificates takes 50 ms, for http."""
        return httpx.Client(base_url=self.url, auth=AUTH, timeout=120, verify=False)

    def log(self) -> str:
        """What it has logged so far."""
        return self.log_path.read_text(errors="replace")

    def registry(self) -> Registry:
        """The registry it serves from; changes are announced as the services announce them."""
        changes = JobQueue(connect(self.redis_url), JOB_SECRET).champion_changes
        uri, root = f"sqlite:///{self.data_dir / 'mlflow.db'}", str(self.data_dir / "models")
        return Registry(uri, root, changes.announce)


def backend_environment(data_dir: Path, redis_url: str, **more: str) -> dict[str, str]:
    """Settings of a backend on one machine."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {
        **inherited,
        "PUSHOFF_DATA_DIR": str(data_dir),
        "PUSHOFF_REDIS_URL": redis_url,
        "PUSHOFF_BACKEND_PASSWORD": PASSWORD,
        "PUSHOFF_WEBHOOK_SECRET": WEBHOOK_SECRET,
        "PUSHOFF_JOB_SECRET": JOB_SECRET,
        "PUSHOFF_LABEL_STUDIO_TOKEN": "canary-token",
        "PUSHOFF_LABEL_STUDIO_URL": "http://127.0.0.1:9",
        "PYTHONUNBUFFERED": "1",
        **more,
    }


@contextmanager
def running_backend(
    data_dir: Path,
    redis_url: str,
    workers: int = 1,
    environment: Mapping[str, str] | None = None,
) -> Iterator[BackendServer]:
    """Start, wait until it answers, stop; nothing is left behind."""
    data_dir.mkdir(parents=True, exist_ok=True)
    port, log_path = _free_port(), data_dir / "backend.log"
    command = [sys.executable, "-m", "backend.app", "--port", str(port), "--workers", str(workers)]
    with log_path.open("ab") as log:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=backend_environment(data_dir, redis_url, **(environment or {})),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    server = BackendServer(f"http://127.0.0.1:{port}", process, log_path, data_dir, redis_url)
    try:
        _wait(server)
        yield server
    finally:
        _stop(process)


def _wait(server: BackendServer) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.process.poll() is None:
        try:
            if httpx.get(f"{server.url}/livez", timeout=1).is_success:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.05)
    raise RuntimeError(f"the backend did not come up:\n{server.log()[-3000:]}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    family = psutil.Process(process.pid).children(recursive=True)
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for child in family:
        try:
            child.kill()
        except psutil.NoSuchProcess:
            continue


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]
