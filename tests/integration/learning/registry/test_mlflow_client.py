"""The registry on an MLflow server, as on several machines."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest
import torch

from pushoff.errors import NoSuchModel
from pushoff.learning.backbone.network import create_network
from pushoff.learning.evaluation.metrics import score
from pushoff.learning.frame.classifier import load_model, save_model
from pushoff.learning.registry.registry import Registry
from tests.unit.learning.learning_samples import card

CARD = score(np.array([0.9, 0.2]), np.array([1, 0]), ["s1", "s1"], "synthetic", 0.5)


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
        torch.manual_seed(seed)
        folder = tmp_path / f"m{seed}"
        saved = save_model(folder, create_network("resnet18"), card(scorecard=CARD))
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
