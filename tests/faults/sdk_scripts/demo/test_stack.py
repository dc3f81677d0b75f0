"""The one-machine stack leaves nothing behind, however it ends."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from sdk_scripts.demo.stack import LABEL_STUDIO, kill_stale_processes, stale_processes

ROOT = Path(__file__).resolve().parents[4]
PARTS = ("redis-server", "label-studio", "backend.app", "worker.main", "worker.scheduler")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short path: a unix socket's is limited."""
    if not LABEL_STUDIO.exists():
        missing = f"{LABEL_STUDIO} is not installed: run `make .venv-label-studio/ready`"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    with tempfile.TemporaryDirectory(prefix="pushoff-stack-", ignore_cleanup_errors=True) as made:
        yield Path(made)
        kill_stale_processes(Path(made))


def start(folder: Path) -> subprocess.Popen[bytes]:
    """`make up`, until every part of it runs."""
    process = subprocess.Popen(
        [sys.executable, "-m", "sdk_scripts.demo", "--only-start", "--data-dir", str(folder)],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 120
    while not all(any(part in line for line in commands(folder)) for part in PARTS):
        assert process.poll() is None and time.monotonic() < deadline, commands(folder)
        time.sleep(0.3)
    return process


def commands(folder: Path) -> list[str]:
    """Command lines of the stack's processes."""
    found = []
    for process in stale_processes(folder):
        try:
            found.append(" ".join(process.cmdline()))
        except psutil.Error:
            continue
    return found


def gone(folder: Path, within_s: float) -> bool:
    deadline = time.monotonic() + within_s
    while commands(folder) and time.monotonic() < deadline:
        time.sleep(0.2)
    return not commands(folder)


def test_asked_to_stop_it_takes_everything_along(folder: Path) -> None:
    """After SIGTERM no process is left."""
    process = start(folder)
    process.send_signal(signal.SIGTERM)
    process.wait(30)
    assert gone(folder, 5)


def test_what_a_killed_demo_left_is_swept_by_the_next(folder: Path) -> None:
    """kill -9 leaves the servers running; the next start finds them by their mark and ends them."""
    process = start(folder)
    process.kill()
    process.wait()
    assert commands(folder)
    kill_stale_processes(folder)
    assert gone(folder, 5)


def test_secrets_are_in_a_private_file_and_in_no_command_line(folder: Path) -> None:
    """Passwords and tokens are readable by the user alone and in no process list."""
    process = start(folder)
    env_file = folder / "env"
    assert env_file.stat().st_mode & 0o077 == 0
    env = dict(line.split("=", 1) for line in env_file.read_text().splitlines())
    secrets = [value for name, value in env.items() if name.endswith(("SECRET", "TOKEN", "KEY"))]
    secrets += [value for name, value in env.items() if name.endswith("PASSWORD")]
    assert len(secrets) == 6
    shown = "\n".join(commands(folder))
    assert not [one for one in secrets if one in shown]
    process.terminate()
    process.wait(30)
