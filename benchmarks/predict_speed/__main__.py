"""/predict against the same model behind label_studio_ml's own server: `make bench-predict`.

Both servers run side by side on this machine, one process each, with as many threads for the
network; only one is asked at a time, in pairs of rounds whose order alternates. A request has one
task, as when an annotator opens it; 8 clients ask at once, one request after the other.

*new picture*: an image that nobody has seen. *known frame*: a frame of a stored video, of which a
worker has stored predictions; the plain server reads its image. Images are synthetic, a 640x360
JPEG in the task itself, and the network is a ResNet18 at 224 px with random weights: neither
changes the time. `--while-training` keeps a training of the same network running on all cores.
"""

import base64
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from itertools import count, islice
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import typer

from pushoff.learning.registry.registry import Registry
from pushoff.storage.object_store import Storage
from pushoff.storage.video_predictions import VideoPredictions, save_video_predictions
from pushoff.storage.videos import add_video
from pushoff.studio.config.frames import build_label_config
from pushoff.values import Exercise
from pushoff.video.images import encode_jpeg
from tests.models import save_tiny_model

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "benchmark-password"
CLIENTS = 8
SIZE_PX = 224
FRAMES = 200
"""Of the stored video."""
TRAINING = """
import torch
from pushoff.learning.backbone.network import create_network
network = create_network("resnet18").train()
optimizer = torch.optim.SGD(network.parameters(), 0.01)
while True:
    network(torch.rand(16, 3, 224, 224)).square().mean().backward()
    optimizer.step()
"""


@dataclass(frozen=True)
class Latency:
    """Seconds of the requests of one round."""

    p50_s: float
    p95_s: float


@dataclass(frozen=True)
class Row:
    """One kind of task, medians over the pairs of rounds."""

    tasks: str
    ours: Latency
    plain: Latency
    p50_ratio: float
    """How many times as long the plain server takes."""
    p95_ratio: float
    pairs: int


def main(
    pairs: int = typer.Option(5, min=1, help="Pairs of rounds."),
    requests: int = typer.Option(200, min=CLIENTS, help="Requests of a round."),
    while_training: bool = typer.Option(False, help="While a training uses all cores."),
    as_json: Path | None = typer.Option(None, "--json", help="Write the rows to this file."),
) -> None:
    """Start both servers, ask them in turn, print the table."""
    with tempfile.TemporaryDirectory(prefix="bench-predict-") as made, ExitStack() as stack:
        folder = Path(made)
        video_id = prepare(folder)
        ours = stack.enter_context(serving(our_command, folder))
        plain = stack.enter_context(serving(plain_command, folder))
        if while_training:
            stack.enter_context(process([sys.executable, "-c", TRAINING], {}, folder / "training"))
        rows = [
            measure(name, ours, plain, tasks, pairs, requests)
            for name, tasks in (
                ("new picture", new_pictures()),
                ("known frame", known_frames(video_id)),
            )
        ]
    print(f"{os.cpu_count()} cores, {CLIENTS} clients, {requests} requests a round")
    print("| task | p50 | p95 | plain p50 | plain p95 | p50: times | p95: times |")
    print("|---|---|---|---|---|---|---|")
    for row in rows:
        times = (row.ours.p50_s, row.ours.p95_s, row.plain.p50_s, row.plain.p95_s)
        cells = " | ".join(f"{1000 * seconds:.0f} ms" for seconds in times)
        print(f"| {row.tasks} | {cells} | {row.p50_ratio:.1f} | {row.p95_ratio:.1f} |")
    if as_json:
        as_json.write_text(json.dumps([asdict(row) for row in rows], indent=1))


def prepare(folder: Path) -> str:
    """A champion for both servers, and a video of which it has stored predictions: its id."""
    data = folder / "data"
    data.mkdir()
    card = save_tiny_model(folder / "model", seed=1, size_px=SIZE_PX, sequence=True)
    registry = Registry(f"sqlite:///{data / 'mlflow.db'}", str(data / "models"))
    version = registry.register(folder / "model", card, plots={}, metrics={}, params={})
    registry.promote(version, "benchmark")
    storage = Storage(str(data / "storage"))
    path = folder / "video.mp4"
    path.write_bytes(b"a video that nobody decodes")
    video_id = add_video(storage, path, athlete="ada", exercise=Exercise.HOPS).video_id
    found = VideoPredictions(version, ((2, 0.9),), (0.05,) * FRAMES, (2,))
    save_video_predictions(storage, video_id, found)
    return video_id


def new_pictures() -> Iterator[dict[str, Any]]:
    """Tasks whose pictures differ in their last bytes only."""
    address = picture()
    for number in count():
        yield {"image": f"{address}{number:08d}", "box": [200, 60, 220, 220]}


def known_frames(video_id: str) -> Iterator[dict[str, Any]]:
    """Tasks of the stored video's frames."""
    address = picture()
    for number in count():
        yield {
            "image": address,
            "box": [200, 60, 220, 220],
            "video_id": video_id,
            "frame_index": number % FRAMES,
        }


def picture() -> str:
    """Coloured squares, 640x360, as a data: address. Its length is a multiple of 4, so that digits
    after it are read as further base64, behind the end of the JPEG."""
    squares = np.random.default_rng(1).integers(0, 255, (45, 80, 3), np.uint8)
    jpeg = encode_jpeg(squares.repeat(8, axis=0).repeat(8, axis=1))
    jpeg += b"\0" * (-len(jpeg) % 3)
    return "data:image/jpeg;base64," + base64.b64encode(jpeg).decode()


def measure(
    name: str,
    ours: str,
    plain: str,
    tasks: Iterator[dict[str, Any]],
    pairs: int,
    requests: int,
) -> Row:
    """Rounds in pairs; the first pair warms up and does not count."""
    bodies = (body(number, data) for number, data in enumerate(tasks, 1))
    results: dict[str, list[Latency]] = {ours: [], plain: []}
    for pair in range(pairs + 1):
        for url in (ours, plain) if pair % 2 else (plain, ours):
            results[url].append(ask(url, list(islice(bodies, requests))))
    measured = {url: latencies[1:] for url, latencies in results.items()}
    ratios = list(zip(measured[ours], measured[plain], strict=True))
    return Row(
        name,
        median_of(measured[ours]),
        median_of(measured[plain]),
        statistics.median(plain.p50_s / our.p50_s for our, plain in ratios),
        statistics.median(plain.p95_s / our.p95_s for our, plain in ratios),
        pairs,
    )


def body(number: int, data: Mapping[str, Any]) -> bytes:
    """A request as Label Studio sends it."""
    return json.dumps(
        {
            "tasks": [{"id": number, "data": data}],
            "project": "3.1795343383",
            "label_config": build_label_config(),
            "params": {"login": None, "password": None, "context": None},
        }
    ).encode()


def ask(url: str, bodies: Sequence[bytes]) -> Latency:
    """Send the requests from all clients at once."""

    def run(own: Sequence[bytes]) -> list[float]:
        seconds = []
        auth = ("label-studio", PASSWORD)
        with httpx.Client(base_url=url, auth=auth, timeout=100, verify=False) as client:
            for content in own:
                began = time.perf_counter()
                answer = client.post(
                    "/predict", content=content, headers={"Content-Type": "application/json"}
                )
                seconds.append(time.perf_counter() - began)
                [item] = answer.raise_for_status().json()["results"]
                if "result" not in item:
                    raise SystemExit(f"{url} has no answer: {item}")
        return seconds

    with ThreadPoolExecutor(CLIENTS) as threads:
        shares = [bodies[number::CLIENTS] for number in range(CLIENTS)]
        seconds = [each for of_client in threads.map(run, shares) for each in of_client]
    return Latency(float(np.quantile(seconds, 0.5)), float(np.quantile(seconds, 0.95)))


def median_of(latencies: Sequence[Latency]) -> Latency:
    """Of each quantile."""
    return Latency(
        statistics.median(each.p50_s for each in latencies),
        statistics.median(each.p95_s for each in latencies),
    )


def our_command(folder: Path, port: int) -> tuple[list[str], dict[str, str]]:
    """The backend and its settings."""
    data = folder / "data"
    return [sys.executable, "-m", "backend.app", "--port", str(port)], {
        "PUSHOFF_DATA_DIR": str(data),
        "PUSHOFF_STORAGE_URL": str(data / "storage"),
        "PUSHOFF_MLFLOW_URI": f"sqlite:///{data / 'mlflow.db'}",
        "PUSHOFF_REDIS_URL": f"unix://{data / 'no-redis.sock'}",
        "PUSHOFF_BACKEND_PASSWORD": PASSWORD,
        "PUSHOFF_WEBHOOK_SECRET": "benchmark-webhook-secret",
        "PUSHOFF_JOB_SECRET": "benchmark-job-secret-of-32-letters",
        "PUSHOFF_LABEL_STUDIO_TOKEN": "benchmark-token",
        "PUSHOFF_LABEL_STUDIO_URL": "http://127.0.0.1:9",
    }


def plain_command(folder: Path, port: int) -> tuple[list[str], dict[str, str]]:
    """label_studio_ml's server as its own image starts it: one worker, eight threads."""
    gunicorn = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}"]
    options = ["--workers", "1", "--threads", "8", "--timeout", "0"]
    return [*gunicorn, *options, "benchmarks.predict_speed.plain_backend:app"], {
        "PLAIN_MODEL": str(folder / "model")
    }


@contextmanager
def serving(command: Any, folder: Path) -> Iterator[str]:
    """Start a server, wait until it predicts, give its address, stop it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    arguments, environment = command(folder, port)
    url, log = f"http://127.0.0.1:{port}", folder / f"{port}.log"
    with process(arguments, environment, log) as running:
        deadline = time.monotonic() + 600
        while True:
            try:
                ask(url, [body(0, next(new_pictures()))])
                break
            except (httpx.HTTPError, SystemExit):
                if running.poll() is not None or time.monotonic() > deadline:
                    raise SystemExit(f"{url} did not start:\n{log.read_text()[-3000:]}") from None
                time.sleep(0.5)
        yield url


@contextmanager
def process(
    arguments: Sequence[str], environment: Mapping[str, str], log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program until the block ends; the network uses half of the cores in each."""
    inherited = {name: value for name, value in os.environ.items() if name[:8] != "PUSHOFF_"}
    threads = str(max(1, (os.cpu_count() or 2) // 2))
    with log.open("ab") as output:
        running = subprocess.Popen(
            arguments,
            cwd=ROOT,
            env={**inherited, "OMP_NUM_THREADS": threads, **environment},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield running
    finally:
        os.killpg(running.pid, signal.SIGTERM)
        try:
            running.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(running.pid, signal.SIGKILL)
            running.wait()


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # nothing is left running
    typer.run(main)
