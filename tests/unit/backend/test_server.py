"""backend/server.py: the threads of a process."""

import os
import subprocess
import sys

import pytest

from backend.server import THREAD_LIMITS, cap_threads

LOOK = "import torch; print(torch.get_num_threads())"


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in THREAD_LIMITS:
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


@pytest.mark.parametrize("workers", [1, 64])
def test_torch_uses_half_of_the_cores(workers: int) -> None:
    """Shared by the processes; one thread at least."""
    cap_threads(workers)
    share = max(1, (os.cpu_count() or 1) // 2 // workers)
    assert {os.environ[name] for name in THREAD_LIMITS} == {str(share)}


def test_torch_respects_the_cap() -> None:
    """In a process started afterwards."""
    cap_threads(64)
    done = subprocess.run([sys.executable, "-c", LOOK], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "1"


def test_the_operators_own_cap_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """An OMP_NUM_THREADS in the environment is not changed."""
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    cap_threads(1)
    assert os.environ["OMP_NUM_THREADS"] == "7"
