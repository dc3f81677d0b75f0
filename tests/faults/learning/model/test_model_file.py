"""What a kill -9 leaves of a model being saved: real child processes."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pushoff.learning.model.model_file import load_model
from pushoff.learning.registry.model_card import read_card

ROOT = Path(__file__).parents[4]

SAVE = """
import os, signal, sys
from pathlib import Path
import torch
from pushoff.learning.model.model_file import save_model
from tests.models import tiny_model

folder, step, seen = Path(sys.argv[1]), int(sys.argv[2]), 0
torch.set_num_threads(1)
model = tiny_model(seed=2, sequence=True)

def kill_at_step(event, arguments):
    global seen
    if event in ("open", "os.rename", "os.remove", "os.mkdir") and str(folder) in str(arguments):
        seen += 1
        if seen == step:
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(kill_at_step)
print(save_model(folder, model).weights_sha256)
"""


def start(code: str, *arguments: object) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


@pytest.fixture(scope="module")
def steps(tmp_path_factory) -> int:
    """Saving over a model takes this many touches of the disk."""
    folder = tmp_path_factory.mktemp("count") / "model"
    old(folder)
    child = start(SAVE.replace("print(save_model(", "(save_model(") + "print(seen)\n", folder, 0)
    return int(child.communicate(timeout=120)[0])


def old(folder: Path) -> str:
    from tests.models import save_tiny_model

    return save_tiny_model(folder, sequence=True).weights_sha256


def test_a_kill_at_any_step_of_saving_leaves_old_or_new(steps, tmp_path):
    """Killed at each touch of the disk in turn, the folder always holds a whole model."""
    assert steps >= 6
    was = old(tmp_path / "first")
    found = set()
    deadline = time.monotonic() + 400
    for step in range(1, steps + 1):
        assert time.monotonic() < deadline
        folder = tmp_path / f"step{step}"
        assert old(folder) == was
        child = start(SAVE, folder, step)
        child.communicate(timeout=120)
        assert child.returncode == -signal.SIGKILL
        load_model(folder, "cpu")
        found.add(read_card(folder).weights_sha256 == was)
    assert found == {True, False}, "both the old and the new model were seen"


def test_a_kill_while_saving_the_first_model_leaves_none_or_all(tmp_path):
    """Where no model was, a kill leaves no card, so nothing that could be taken for a model."""
    for step in (2, 4):
        folder = tmp_path / f"step{step}"
        child = start(SAVE, folder, step)
        child.communicate(timeout=120)
        assert child.returncode == -signal.SIGKILL
        assert not (folder / "card.json").exists()
