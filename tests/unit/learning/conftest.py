"""One untrained model on disk, for every test that only reads it."""

from pathlib import Path

import pytest

from tests.unit.learning.learning_samples import untrained_model


@pytest.fixture(scope="session")
def saved_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder holding an untrained resnet18 and its card; never changed by a test."""
    from pushoff.learning.model.model_file import save_model

    folder = tmp_path_factory.mktemp("saved") / "model"
    save_model(folder, untrained_model())
    return folder
