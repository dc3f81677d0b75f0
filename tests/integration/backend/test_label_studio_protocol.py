"""The backend as a process of its own: real uvicorn, real Redis, real registry, real model."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.conftest import RedisServer
from tests.integration.backend_server import (
    HOOK,
    LABEL_CONFIG,
    ROOT,
    BackendServer,
    backend_environment,
    data_uri,
    predict_body,
    register,
    running_backend,
    task,
)

CANARIES = ("canary-password", "canary-webhook", "canary-jobs", "canary-token", "canary-owner")


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    import tempfile

    with tempfile.TemporaryDirectory(prefix="pushoff-redis-") as folder:
        server = RedisServer(Path(folder))
        server.start()
        yield server
        server.kill()


@pytest.fixture(scope="module")
def backend(
    redis: RedisServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BackendServer]:
    """One process with a champion."""
    folder = tmp_path_factory.mktemp("backend")
    with running_backend(folder / "data", redis.url) as server:
        registry = server.registry()
        version = register(registry, folder / "model", seed=1)
        registry.promote(version, "first")
        server.version = version
        with server.client() as client:
            wait_for(client, version)
        yield server


def wait_for(client: httpx.Client, version: str) -> None:
    deadline = time.monotonic() + 60
    while client.post("/setup", json={"project": "3.1"}).json()["model_version"] != version:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_it_starts_at_once_and_answers_while_it_loads(redis: RedisServer, tmp_path: Path) -> None:
    """Health is answered within Label Studio's second from the start on, whatever is imported."""
    with running_backend(tmp_path / "data", redis.url) as server, server.client() as client:
        slowest, deadline = 0.0, time.monotonic() + 8
        while time.monotonic() < deadline:
            started = time.monotonic()
            assert client.get("/health").json()["status"] == "UP"
            slowest = max(slowest, time.monotonic() - started)
        assert slowest < 1.0
        answer = client.post("/predict", json=predict_body([task(1, data_uri())]))
        assert answer.json() == {"results": [{"model_version": "no-model-yet"}]}


def test_one_item_per_task(backend: BackendServer) -> None:
    """A real image gets label, probability, score and version in the label config's words."""
    tasks = [
        task(1, data_uri(1)),
        task(2, "/data/upload/3/away.jpg"),
        task(3, "file:///etc/passwd"),
    ]
    tasks += [{"id": 4}, task(5, data_uri(1))]
    with backend.client() as client:
        answer = client.post("/predict", json=predict_body(tasks))
    assert answer.status_code == 200
    results = answer.json()["results"]
    assert ["result" in item for item in results] == [True, False, False, False, True]
    [region] = results[0]["result"]
    assert (region["from_name"], region["to_name"], region["type"]) == ("answer", "pic", "choices")
    assert region["value"]["choices"][0] in ("yes", "Not push off")
    assert 0.5 <= region["score"] <= 1
    assert 0 <= results[0]["score"] <= 1
    assert {item["model_version"] for item in results} == {backend.version}


def test_a_whole_selection_in_one_request(backend: BackendServer) -> None:
    """What Label Studio sends for 2,500 tasks is answered in order, and health meanwhile."""
    poison = {100 * number for number in range(1, 26)}
    images = [data_uri(seed) for seed in range(7)]
    tasks = [
        task(number, "nonsense" if number in poison else images[number % 7])
        for number in range(1, 2501)
    ]
    waits: list[float] = []
    done = threading.Event()

    def ask_health() -> None:
        with backend.client() as client:
            while not done.is_set():
                started = time.monotonic()
                assert client.get("/health").status_code == 200
                waits.append(time.monotonic() - started)
                time.sleep(0.05)

    with ThreadPoolExecutor(1) as other, backend.client() as client:
        asking = other.submit(ask_health)
        started = time.monotonic()
        answer = client.post("/predict", json=predict_body(tasks))
        took_s = time.monotonic() - started
        done.set()
        asking.result()
    results = answer.json()["results"]
    assert len(results) == 2500
    assert {n for n, item in enumerate(results, 1) if "result" not in item} == poison
    assert results[0]["score"] == pytest.approx(results[7]["score"], abs=1e-5)
    assert took_s < 80
    assert max(waits) < 1.0
    print(f"2,500 tasks in {took_s:.1f} s, slowest health {1000 * max(waits):.0f} ms")


def test_versions_are_those_of_the_registry(backend: BackendServer) -> None:
    """The same for every project, whether Label Studio names one or not."""
    with backend.client() as client:
        for params in ({}, {"project": "99"}):
            assert client.get("/versions", params=params).json() == {"versions": [backend.version]}


def test_events_reach_redis_and_metrics(backend: BackendServer) -> None:
    """A label is counted, new frames are published, and Prometheus can read all of it."""
    label = {"id": 1, "result": [{}], "was_cancelled": False, "project": 3}
    with httpx.Client(base_url=backend.url, headers=HOOK) as hook:
        event = {"action": "ANNOTATION_CREATED", "annotation": label, "project": {"id": 3}}
        assert hook.post("/webhook", json=event).json() == {"status": "counted"}
        new = {"action": "TASKS_CREATED", "tasks": [{"id": 1}], "project": {"id": 3}}
        assert hook.post("/webhook", json=new).status_code == 202
    with backend.client() as client:
        begun = client.post("/webhook", json={"action": "START_TRAINING", "project": {"id": 3}})
        assert begun.status_code == 202
        assert begun.json()["job"] == client.post("/train", json={"project": "3.1"}).json()["job"]
        text = client.get("/metrics").text
    assert 'pushoff_queue_depth{queue="train"} 1.0' in text
    assert 'pushoff_queue_depth{queue="fast"} 1.0' in text
    assert f'pushoff_model_serving{{version="{backend.version}"}} 1.0' in text


def test_no_secret_is_ever_logged(backend: BackendServer) -> None:
    """Ours, the owner's and the payload's secrets appear in no line of the log."""
    body = {"project": "3.1", "hostname": "http://x", "access_token": "canary-owner"}
    event = {"action": "ANNOTATION_CREATED", "project": {"id": 3, "token": "canary-owner"}}
    with backend.client() as client:
        client.post("/setup?token=canary-owner", json=body)
        client.post("/webhook", json=event)
        client.get("/canary-owner")
        client.post("/predict", json=predict_body([task(1, "https://x.example/a?s=canary-owner")]))
    client = httpx.Client(base_url=backend.url, auth=("x", "canary-owner"))
    assert client.get("/health").status_code == 401
    assert "POST /predict 200" in backend.log()
    assert not [canary for canary in CANARIES if canary in backend.log()]


def test_the_server_says_nothing_of_itself(backend: BackendServer) -> None:
    """No server banner; an oversized header block is refused, and the service goes on."""
    with backend.client() as client:
        assert "server" not in client.get("/health").headers
        for size, status in ((10_000, 200), (40_000, 431), (400_000, 400)):
            answer = client.get("/health", headers={"X-Big": "x" * size})
            assert answer.status_code == status
    with backend.client() as client:
        assert client.get("/health").status_code == 200


def test_a_client_that_never_finishes_its_headers_is_let_go(backend: BackendServer) -> None:
    """Slow headers hold a connection for ten seconds at most."""
    host, port = backend.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as slow:
        slow.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n")
        started = time.monotonic()
        assert slow.recv(100) == b""
        assert time.monotonic() - started < 15


def test_redis_down_and_back(own_redis: RedisServer, tmp_path: Path) -> None:
    """Events get 503 within 800 ms while Redis is stuck or gone, and are taken once it is back."""
    event = {"action": "START_TRAINING", "project": {"id": 3}}
    with running_backend(tmp_path / "data", own_redis.url) as server, server.client() as client:
        accepted(client, event)

        def refused() -> None:
            started = time.monotonic()
            answer = client.post("/webhook", json=event)
            assert time.monotonic() - started < 0.8
            assert answer.status_code == 503
            assert int(answer.headers["Retry-After"]) > 0
            assert client.get("/health").status_code == 200

        os.kill(own_redis.process.pid, signal.SIGSTOP)
        refused()
        os.kill(own_redis.process.pid, signal.SIGCONT)
        own_redis.kill()
        refused()
        own_redis.start()
        accepted(client, event)


def accepted(client: httpx.Client, event: object) -> None:
    """The event is taken within five seconds: right after a start everything is slow."""
    deadline = time.monotonic() + 5
    while client.post("/webhook", json=event).status_code != 202:
        assert time.monotonic() < deadline


def test_a_storm_of_events(backend: BackendServer) -> None:
    """A thousand events over 16 connections are all taken, and ask for one run."""
    label = {"id": 1, "result": [{}], "project": 3}
    event = {"action": "ANNOTATION_CREATED", "annotation": label, "project": {"id": 3}}

    def many() -> list[float]:
        waits = []
        with httpx.Client(base_url=backend.url, headers=HOOK) as hook:
            for _ in range(63):
                started = time.monotonic()
                assert hook.post("/webhook", json=event).status_code == 202
                waits.append(time.monotonic() - started)
        return waits

    with ThreadPoolExecutor(16) as pool:
        waits = sorted(wait for part in pool.map(lambda _: many(), range(16)) for wait in part)
    print(f"p50 {1000 * waits[504]:.0f} ms, p99 {1000 * waits[997]:.0f} ms, max {waits[-1]:.2f} s")
    assert waits[-1] < 0.8
    with backend.client() as client:
        assert 'pushoff_queue_depth{queue="train"} 1.0' in client.get("/metrics").text


def test_it_does_not_start_without_its_secrets(tmp_path: Path) -> None:
    """The sentence names the setting; there is no trace."""
    environment = backend_environment(tmp_path, "", PUSHOFF_BACKEND_PASSWORD="changeme")
    done = subprocess.run(
        [sys.executable, "-m", "backend.app", "--port", "1"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert "PUSHOFF_BACKEND_PASSWORD" in done.stderr
    assert "Traceback" not in done.stderr


HOSTED = """
import json, os, sys
from label_studio_ml.api import init_app
from backend.ml_backend import PushoffModel
asked = json.load(sys.stdin)
folder = os.environ["PUSHOFF_DATA_DIR"] + "/upstream"
client = init_app(PushoffModel, model_dir=folder).test_client()
print(json.dumps({
    "setup": client.post("/setup", json=asked["setup"]).status_code,
    "predict": client.post("/predict", json=asked["predict"]).get_json(),
    "fit": PushoffModel(None).process_event("START_TRAINING", {"project": {"id": 3}}, "1", {}),
}))
"""


def test_the_upstream_runner_hosts_the_same_model(
    backend: BackendServer, redis: RedisServer
) -> None:
    """Under label_studio_ml's own server the model predicts the same and asks for training too."""
    predict = predict_body([task(1, data_uri(1)), task(2, "nonsense")])
    setup = {"project": "3.1", "schema": LABEL_CONFIG, "hostname": "http://x", "access_token": "t"}
    done = subprocess.run(
        [sys.executable, "-c", HOSTED],
        cwd=ROOT,
        env=backend_environment(backend.data_dir, redis.url),
        input=json.dumps({"setup": setup, "predict": predict}),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    answered = json.loads(done.stdout.splitlines()[-1])
    with backend.client() as client:
        ours = client.post("/predict", json=predict).json()["results"]
        job = client.post("/train", json={"project": 3}).json()["job"]
    theirs = answered["predict"]["results"]
    assert answered["setup"] == 200
    assert theirs[0]["result"][0]["value"] == ours[0]["result"][0]["value"]
    assert theirs[0]["score"] == pytest.approx(ours[0]["score"], abs=1e-4)
    assert theirs[1] == ours[1] == {"model_version": backend.version}
    assert answered["fit"]["job"] == job
