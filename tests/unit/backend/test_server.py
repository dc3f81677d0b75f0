"""backend/server.py and the metrics of several processes."""

import os
import subprocess
import sys

import pytest

from backend.metrics import drop_dead_processes
from backend.server import THREAD_LIMITS, cap_threads

LOOK = "import torch; print(torch.get_num_threads())"


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in THREAD_LIMITS:
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


@pytest.mark.parametrize("workers", [1, 64])
def test_torch_leaves_cores_to_others(workers: int) -> None:
    """Half of the cores, shared between the processes, and one thread at least."""
    cap_threads(workers)
    share = max(1, (os.cpu_count() or 1) // 2 // workers)
    assert {os.environ[name] for name in THREAD_LIMITS} == {str(share)}


def test_torch_heeds_the_cap() -> None:
    """A process started after the cap has that many threads."""
    cap_threads(64)
    done = subprocess.run([sys.executable, "-c", LOOK], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "1"


def test_the_operators_own_cap_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who sets OMP_NUM_THREADS knows why."""
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    cap_threads(1)
    assert os.environ["OMP_NUM_THREADS"] == "7"


def test_a_dead_process_serves_nothing(tmp_path) -> None:
    """What a killed process said of its model is dropped; what the living say stays."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    for pid in (ended.pid, os.getpid()):
        (tmp_path / f"gauge_liveall_{pid}.db").touch()
    (tmp_path / f"counter_{ended.pid}.db").touch()
    drop_dead_processes(tmp_path)
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {f"gauge_liveall_{os.getpid()}.db", f"counter_{ended.pid}.db"}
