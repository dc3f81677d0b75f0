"""A fit that runs out of memory, on one device and in spawned processes."""

import pytest
import torch

from pushoff.learning.backbone.fit import OutOfMemory, RunFiles, fit_network
from pushoff.learning.backbone.lightning_module import CropDataset
from pushoff.learning.backbone.training import TrainConfig
from pushoff.util.progress import ignore_progress


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
