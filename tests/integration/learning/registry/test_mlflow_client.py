"""The registry on an MLflow server, as on several machines."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from pushoff.errors import NoSuchModel
from pushoff.learning.model.model_file import load_model
from pushoff.learning.registry.registry import Registry
from tests.models import save_tiny_model
from tests.unit.learning.evaluation.evaluation_samples import scorecard

CARD = scorecard(footage="synthetic")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real `mlflow server` that keeps the files of its models itself."""
    folder = tmp_path_factory.mktemp("mlflow")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--workers", "1"]
    command += ["--port", str(port), "--backend-store-uri", f"sqlite:///{folder / 'mlflow.db'}"]
    command += ["--serve-artifacts", "--artifacts-destination", str(folder / "artifacts")]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command, stdout=log, stderr=subprocess.STDOUT, cwd=folder, start_new_session=True
        )
    url = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 90
    while True:
        try:
            if httpx.get(f"{url}/health", timeout=2).status_code == 200:
                break
        except httpx.HTTPError:
            time.sleep(0.3)
        assert process.poll() is None and time.monotonic() < deadline, (folder / "log").read_text()
    yield url
    os.killpg(process.pid, 9)
    process.wait()


def test_models_travel_over_a_server(server: str, tmp_path: Path) -> None:
    """Register, no champion yet, promote, fetch, roll back: all through HTTP alone."""
    registry = Registry(server)
    versions = []
    for seed in range(2):
        folder = tmp_path / f"m{seed}"
        saved = save_tiny_model(folder, seed, scorecard=CARD)
        versions.append(registry.register(folder, saved, {"a.png": b"png"}, {"f1": 0.5}, {}))
    assert registry.champion() is None
    for version in versions:
        registry.promote(version, "test")
    found = registry.champion()
    assert found is not None
    assert found.version == versions[1]
    assert load_model(registry.fetch(found, tmp_path / "cache")).card.scorecard == CARD
    assert registry.rollback().version == versions[0]
    with pytest.raises(NoSuchModel):
        registry.get("resnet18-v9-abcdef")
