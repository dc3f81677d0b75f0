"""What a kill -9 leaves of a training run and of a model being saved: real child processes."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pushoff.learning.frame.classifier import load_model
from pushoff.learning.registry.model_card import read_card

ROOT = Path(__file__).parents[4]

TRAIN = """
import json
import sys
from pathlib import Path
from pushoff.learning.backbone.training import TrainConfig, train
from pushoff.values import Split
from tests.unit.learning.learning_samples import dataset_of, image_of

config = TrainConfig(weights="none", size_px=32, max_epochs=int(sys.argv[2]), batch_size=8,
                     patience=99, threads=1, devices=1)
frames = [*dataset_of(64, Split.TRAIN), *dataset_of(16, Split.VAL, 100)]
def on_progress(progress):
    print(json.dumps(progress.as_dict()), flush=True)

result = train(frames, image_of, config, Path(sys.argv[1]), on_progress)
print(json.dumps({"stage": "done", "epochs": [e["epoch"] for e in result.history]}), flush=True)
"""

SAVE = """
import os, signal, sys
from pathlib import Path
import torch
from pushoff.learning.frame.classifier import save_model
from pushoff.learning.backbone.network import create_network
from tests.unit.learning.learning_samples import card

folder, step, seen = Path(sys.argv[1]), int(sys.argv[2]), 0
torch.set_num_threads(1)
torch.manual_seed(2)
network = create_network("resnet18")

def kill_at_step(event, arguments):
    global seen
    if event in ("open", "os.rename", "os.remove", "os.mkdir") and str(folder) in str(arguments):
        seen += 1
        if seen == step:
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(kill_at_step)
print(save_model(folder, network, card()).weights_sha256)
"""


def start(code: str, *arguments: object) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_a_run_killed_mid_epoch_goes_on_to_a_finished_model(tmp_path):
    """After kill -9 in an epoch no half model is there; started again, the run goes on and ends."""
    child = start(TRAIN, tmp_path, 12)
    for line in child.stdout:
        word = json.loads(line)
        assert word["stage"] != "done", "the run ended before it could be killed"
        if word["stage"] == "training" and list(tmp_path.glob("checkpoint-*.ckpt")):
            child.send_signal(signal.SIGKILL)
            break
    assert child.wait(timeout=30) == -signal.SIGKILL
    child.stdout.close()
    assert not (tmp_path / "model").exists()

    again = start(TRAIN, tmp_path, 12)
    out, _ = again.communicate(timeout=200)
    assert again.returncode == 0
    words = [json.loads(line) for line in out.splitlines()]
    assert words[-1] == {"stage": "done", "epochs": list(range(1, 13))}
    told = [word["done"] for word in words if word["stage"] == "training"]
    assert min(told) >= 1, "a finished epoch was trained again"
    assert load_model(tmp_path / "model", "cpu")
    assert not list(tmp_path.rglob("*.tmp"))


@pytest.fixture(scope="module")
def steps(tmp_path_factory) -> int:
    """Saving over a model takes this many touches of the disk."""
    folder = tmp_path_factory.mktemp("count") / "model"
    old(folder)
    child = start(SAVE.replace("print(save_model(", "(save_model(") + "print(seen)\n", folder, 0)
    return int(child.communicate(timeout=120)[0])


def old(folder: Path) -> str:
    import torch

    from pushoff.learning.backbone.network import create_network
    from pushoff.learning.frame.classifier import save_model
    from tests.unit.learning.learning_samples import card

    torch.manual_seed(1)
    return save_model(folder, create_network("resnet18"), card()).weights_sha256


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
