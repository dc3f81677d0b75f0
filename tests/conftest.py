"""What every test can ask for: a private Redis, a quiet log, services that may not be missing."""

import logging
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest
from hypothesis import settings

from pushoff.errors import QueueUnavailable
from pushoff.queue import JobQueue, connect, embedded_redis_command
from tests.queue_jobs import open_queue

ROOT = Path(__file__).resolve().parents[1]
settings.register_profile("untimed", settings.default, deadline=None)
settings.load_profile("untimed")  # a busy machine is no reason to fail

if TYPE_CHECKING:
    from tests.coach_rig import CoachRig
    from tests.integration.loop import Loop


def require(service: str) -> str:
    """The path of a program; where it is missing the test fails in CI and skips on a laptop."""
    found = shutil.which(service)
    if not found:
        missing = f"{service} is not on the PATH"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    return found


@pytest.fixture(name="require")
def require_fixture() -> Callable[[str], str]:
    """`require("ffmpeg")` for tests that do not import this module."""
    return require


@pytest.fixture(autouse=True)
def no_logged_errors(
    request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture
) -> Iterator[None]:
    """A test that logged an error fails, unless it is marked `logs_errors`."""
    yield
    if request.node.get_closest_marker("logs_errors"):
        return
    records = [record for when in ("setup", "call") for record in caplog.get_records(when)]
    errors = [record.getMessage() for record in records if record.levelno >= logging.ERROR]
    assert not errors, f"the test logged errors: {errors}"


class RedisServer:
    """A real redis-server on a unix socket in its own folder, append-only."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = f"unix://{folder}/redis/redis.sock"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Run it, and wait until it answers."""
        self.process = subprocess.Popen(
            embedded_redis_command(self.folder),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 15
        while True:
            try:
                connect(self.url).close()
                return
            except QueueUnavailable:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    raise
                time.sleep(0.05)

    def kill(self) -> None:
        """As the out-of-memory killer would."""
        assert self.process
        self.process.kill()
        self.process.wait()


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """One Redis for the whole run. Tests use `redis_url`, which empties it first."""
    with tempfile.TemporaryDirectory(prefix="pushoff-redis-") as folder:  # short: a socket's limit
        server = RedisServer(Path(folder))
        server.start()
        yield server
        server.kill()


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    """The address of an empty Redis."""
    connection = connect(redis_server.url)
    connection.flushall()
    connection.close()
    return redis_server.url


@pytest.fixture
def own_redis() -> Iterator[RedisServer]:
    """A Redis of the test's own, to be killed and started again."""
    with tempfile.TemporaryDirectory(prefix="pushoff-redis-") as folder:
        server = RedisServer(Path(folder))
        server.start()
        yield server
        server.kill()


@pytest.fixture
def queue(redis_url: str) -> JobQueue:
    """An empty queue over the tests' own jobs."""
    return open_queue(redis_url)


@pytest.fixture
def work(redis_url: str) -> Callable[[], None]:
    """Run a real worker, in a process of its own, until the queues are empty."""

    def run() -> None:
        command = [sys.executable, "-m", "tests.queue_jobs", redis_url, "--burst"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr

    return run


@pytest.fixture
def start_worker(
    redis_url: str, processes: list[subprocess.Popen[bytes]]
) -> Callable[..., subprocess.Popen[bytes]]:
    """Start a real worker of the tests' jobs, killed with its children at the end."""

    def start(*queues: str, url: str = redis_url) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "tests.queue_jobs", url, *queues]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
        processes.append(process)
        return process

    return start


def until(condition: Callable[[], object], seconds: float) -> float:
    """Wait for something to become true; returns the seconds it took, and fails after `seconds`."""
    started = time.monotonic()
    while not condition():
        assert time.monotonic() - started < seconds, f"not within {seconds} s"
        time.sleep(0.05)
    return time.monotonic() - started


@pytest.fixture
def processes() -> Iterator[list[subprocess.Popen[bytes]]]:
    """Processes a test starts go in here; at the end they and their children are killed."""
    started: list[subprocess.Popen[bytes]] = []
    yield started
    for process in started:
        if process.poll() is None:
            family = psutil.Process(process.pid).children(recursive=True)
            process.kill()
            for child in family:
                try:
                    child.kill()
                except psutil.NoSuchProcess:
                    continue
        process.wait()


@pytest.fixture(scope="session")
def loop() -> "Iterator[Loop]":
    """The whole service, brought once through video, labels, retrain and publish."""
    from tests.integration.label_studio import COMMAND

    if not COMMAND.exists():
        missing = f"{COMMAND} is not installed: run `make .venv-label-studio/ready`"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    from tests.integration.loop import whole_loop

    with tempfile.TemporaryDirectory(prefix="pushoff-loop-") as folder:  # short: a socket's limit
        with whole_loop(Path(folder)) as brought_round:
            yield brought_round


@pytest.fixture(scope="session")
def coach() -> "Iterator[CoachRig]":
    """The coach's page with a model, four accounts and nothing in it yet."""
    from tests.coach_rig import coach_rig

    with tempfile.TemporaryDirectory(prefix="pushoff-coach-") as folder:  # short: a socket's limit
        with coach_rig(Path(folder)) as rig:
            yield rig
