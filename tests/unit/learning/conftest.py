"""One untrained model on disk, for every test that only reads it."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def saved_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder holding an untrained resnet18 and its card; never changed by a test."""
    from tests.models import save_tiny_model

    folder = tmp_path_factory.mktemp("saved") / "model"
    save_tiny_model(folder)
    return folder
