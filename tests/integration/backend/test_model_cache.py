"""A promotion reaches every backend process within two seconds, under load."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil
import pytest

from tests.integration.backend_server import (
    BackendServer,
    data_uri,
    predict_body,
    register,
    running_backend,
    task,
)

SOON_S = 2.0


@dataclass
class Client:
    """Asks for predictions over and over, each time on a new connection."""

    server: BackendServer
    ended: threading.Event
    answers: list[tuple[float, set[str], bool]] = field(default_factory=list)
    """When it was asked, the versions in the answer, whether every task had a result."""

    def run(self) -> None:
        body = predict_body([task(1, data_uri(1)), task(2, data_uri(2))])
        while not self.ended.is_set():
            with self.server.client() as client:
                asked = time.monotonic()
                answer = client.post("/predict", json=body)
            assert answer.status_code == 200
            items = answer.json()["results"]
            versions = {item["model_version"] for item in items}
            self.answers.append((asked, versions, all("result" in item for item in items)))
            time.sleep(0.02)


def serving(server: BackendServer, version: str) -> int:
    """How many processes serve the version."""
    with server.client() as client:
        lines = client.get("/metrics").text.splitlines()
    return sum(
        line.startswith("pushoff_model_serving{")
        and f'"{version}"' in line
        and line.endswith(" 1.0")
        for line in lines
    )


def until_all(server: BackendServer, version: str, within_s: float) -> float:
    """Seconds until both processes serve the version."""
    started = time.monotonic()
    while serving(server, version) != 2:
        assert time.monotonic() - started < within_s, server.log()[-3000:]
        time.sleep(0.02)
    return time.monotonic() - started


@pytest.mark.timeout(300)
def test_every_process_follows_promotion_and_rollback(redis_url: str, tmp_path: Path) -> None:
    """Two processes swap to a new champion and back; no request fails or mixes versions."""
    with running_backend(tmp_path / "data", redis_url, workers=2) as server:
        registry = server.registry()
        old, new = (register(registry, tmp_path / f"m{seed}", seed) for seed in (1, 2))
        registry.promote(old, "first")
        until_all(server, old, within_s=90)

        ended = threading.Event()
        clients = [Client(server, ended) for _ in range(4)]
        changes: list[tuple[float, str]] = []
        took: list[float] = []
        with ThreadPoolExecutor(len(clients)) as pool:
            runs = [pool.submit(client.run) for client in clients]
            try:
                time.sleep(0.5)
                for version, change in (
                    (new, lambda: registry.promote(new, "better", expected=old)),
                    (old, lambda: registry.rollback()),
                ):
                    took.append(_change(server, change, version, changes))
                    time.sleep(0.5)
            finally:
                ended.set()
            for run in runs:
                run.result()

    print("seconds until both processes served the change:", [f"{one:.2f}" for one in took])
    answers = [answer for client in clients for answer in client.answers]
    assert len(answers) > 20
    assert all(len(versions) == 1 and complete for _, versions, complete in answers)
    for (since, version), (until, _) in zip(
        changes, [*changes[1:], (float("inf"), "")], strict=True
    ):
        late = [v for asked, v, _ in answers if since + SOON_S < asked < until - SOON_S]
        assert all(versions == {version} for versions in late)


def _change(
    server: BackendServer,
    change: Callable[[], object],
    version: str,
    changes: list[tuple[float, str]],
) -> float:
    change()
    changes.append((time.monotonic(), version))
    return until_all(server, version, within_s=SOON_S)


@pytest.mark.timeout(200)
def test_a_killed_process_is_replaced(redis_url: str, tmp_path: Path) -> None:
    """While one process is dead the other answers; a new one follows and serves the champion."""
    with running_backend(tmp_path / "data", redis_url, workers=2) as server:
        registry = server.registry()
        version = register(registry, tmp_path / "model", 1)
        registry.promote(version, "first")
        until_all(server, version, within_s=90)
        children = psutil.Process(server.process.pid).children()
        next(one for one in children if "spawn_main" in " ".join(one.cmdline())).kill()
        body = predict_body([task(1, data_uri(1))])
        answered = 0
        deadline = time.monotonic() + 90
        while answered < 5 or serving(server, version) != 2:
            assert time.monotonic() < deadline
            try:
                with server.client() as client:
                    [item] = client.post("/predict", json=body).json()["results"]
                assert item["model_version"] == version
                answered += 1
            except httpx.TransportError:  # a connection the dead process had already taken
                pass
