"""A fit that runs out of memory, on one device and in spawned processes."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from pushoff.learning.backbone.fit import OutOfMemory, RunFiles, fit_network
from pushoff.learning.backbone.lightning_module import CropDataset
from pushoff.learning.backbone.training import TrainConfig
from pushoff.util.progress import ignore_progress

ROOT = Path(__file__).parents[4]
SEARCH_FIT_SEARCH = """
import sys
from pathlib import Path
import numpy as np
from pushoff.learning.backbone.training import TrainConfig, train
from pushoff.values import Split
from pushoff.video.pose import PoseFinder
from tests.unit.learning.learning_samples import dataset_of, image_of

def search():
    with PoseFinder() as finder:
        finder.find(np.zeros((64, 64, 3), np.uint8))

config = TrainConfig(weights="none", size_px=32, max_epochs=1, threads=1, devices=1)
frames = [(frame, split) for fold, split in enumerate((Split.TRAIN, Split.VAL))
          for frame in dataset_of(8, fold, 100 * fold)]
search()
train(frames, image_of, config, Path(sys.argv[1]))
search()
print("alive")
"""


class FailingNetwork(torch.nn.Module):
    """Fails in its first pass, in whatever process that is."""

    def __init__(self, error: type[Exception]) -> None:
        super().__init__()
        self.fc = torch.nn.Linear(1, 2)
        self.error = error

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        raise self.error("in a step")


def fit(error: type[Exception], devices: int, folder) -> None:
    labels = torch.tensor([0, 1] * 4)
    pixels = torch.zeros(8, 3, 32, 32, dtype=torch.uint8)
    crops = CropDataset(pixels, labels, torch.ones(8))
    config = TrainConfig(size_px=32, max_epochs=1, devices=devices, accelerator="cpu")
    files = RunFiles(folder, "key")
    network = FailingNetwork(error)
    fit_network(network, crops, crops, config, files, ignore_progress, coarse_first=False)


@pytest.mark.parametrize("devices", [1, 2])
def test_a_lack_of_memory_is_told_apart(devices, tmp_path):
    """Also from a spawned process, whose error reaches the parent as a text."""
    with pytest.raises(OutOfMemory):
        fit(torch.OutOfMemoryError, devices, tmp_path)


@pytest.mark.parametrize("devices", [1, 2])
def test_another_error_is_not_a_lack_of_memory(devices, tmp_path):
    """It would only be repeated with smaller batches."""
    with pytest.raises(Exception, match="in a step") as refusal:
        fit(ZeroDivisionError, devices, tmp_path)
    assert not isinstance(refusal.value, OutOfMemory)


def test_bodies_can_be_searched_for_after_a_fit(tmp_path):
    """MediaPipe has a signal ignored that Lightning would otherwise let end the process."""
    command = [sys.executable, "-c", SEARCH_FIT_SEARCH, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert (done.returncode, done.stdout) == (0, "alive\n"), done.stderr
