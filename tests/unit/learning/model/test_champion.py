"""The model in use."""

from pathlib import Path

import pytest

from pushoff.errors import NoSuchModel
from pushoff.learning.model.champion import load_champion_model
from pushoff.learning.registry.registry import Registry
from tests.models import save_tiny_model


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(f"sqlite:///{tmp_path / 'mlflow.db'}", str(tmp_path / "models"))


def test_the_champion_is_loaded_unless_a_version_is_named(registry, tmp_path):
    """Without a name the champion; remedies name the commands that make and list versions."""
    versions = []
    for seed in (1, 2):
        made = save_tiny_model(tmp_path / str(seed), seed, sequence=seed == 1)
        versions.append(registry.register(tmp_path / str(seed), made, {}, {}, {}))
    with pytest.raises(NoSuchModel) as missing:
        load_champion_model(registry, tmp_path / "cache")
    assert missing.value.code == "no_champion"
    assert "pushoff retrain" in missing.value.remedy
    assert "pushoff train --clips" in missing.value.remedy
    assert load_champion_model(registry, tmp_path / "cache", versions[1])[0] == versions[1]
    registry.promote(versions[0], "first")
    version, model = load_champion_model(registry, tmp_path / "cache")
    assert version == versions[0]
    assert model.sequence is not None and model.card.seed == 1
    with pytest.raises(NoSuchModel) as unknown:
        load_champion_model(registry, tmp_path / "cache", "resnet18-v9-abcdef")
    assert unknown.value.code == "unknown_version"
    assert "pushoff models list" in unknown.value.remedy
