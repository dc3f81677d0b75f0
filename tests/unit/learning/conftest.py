"""One untrained model on disk, for every test that only reads it."""

from pathlib import Path

import pytest

from tests.unit.learning.learning_samples import card


@pytest.fixture(scope="session")
def saved_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder holding an untrained resnet18 and its card; never changed by a test."""
    import torch

    from pushoff.learning.backbone.network import create_network
    from pushoff.learning.frame.classifier import save_model

    torch.manual_seed(1)
    folder = tmp_path_factory.mktemp("saved") / "model"
    save_model(folder, create_network("resnet18"), card())
    return folder
