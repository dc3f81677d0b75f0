"""Two real, tiny models."""

from pathlib import Path

import pytest

from tests.models import save_tiny_model


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Folders of versions `one` and `two`."""
    folder = tmp_path_factory.mktemp("models")
    for seed, name in enumerate(("one", "two")):
        save_tiny_model(folder / name, seed)
    return {name: folder / name for name in ("one", "two")}
